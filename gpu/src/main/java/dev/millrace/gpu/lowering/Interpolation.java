package dev.millrace.gpu.lowering;

import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.ScalarKind;
import dev.millrace.gpu.model.Step;
import dev.millrace.gpu.model.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Elements between elements: chosen in one step, or weighed dimension by dimension. */
final class Interpolation {
    /** More elements than these are summed by a reduction. */
    private static final int MOST_TERMS = 4;

    private final Builder builder;
    private final float beyond;

    /**
     * @param beyond what stands for elements that lie beyond the input, where that is asked for
     */
    Interpolation(Builder builder, float beyond) {
        this.builder = builder;
        this.beyond = beyond;
    }

    Val nearest(Val x, ResizedAxis[] axes, ResizedAxis.Nearest nearest) {
        View view = builder.view(x);
        int[] shape = x.shape.clone();
        List<Integer> strides = new ArrayList<>(view.strides());
        List<Integer> moved = new ArrayList<>();
        for (int axis = 0; axis < axes.length; axis++) {
            if (!axes[axis].isIdentity()) {
                Rows.spared(x, axis);
                axes[axis].takeNearest(nearest);
                shape[axis] = axes[axis].output;
                strides.set(axis, 0);
                moved.add(axis);
            }
        }
        if (moved.isEmpty()) {
            return x;
        }
        Operands operands = new Operands(builder, shape, true);
        int input = operands.index(new View(view.value(), view.offset(), strides));
        Expr offset = null;
        for (int axis : moved) {
            long[] offsets = axes[axis].positions.clone();
            for (int i = 0; i < offsets.length; i++) {
                offsets[i] *= view.strides().get(axis);
            }
            Expr part = operands.use(table(offsets, shape.length - axis));
            offset = offset == null ? part : Terms.add(offset, part);
        }
        Expr element = new Expr.LoadAt(input, offset, x.kind());
        for (int axis : moved) {
            element = inside(operands, axes[axis], shape.length - axis, element);
        }
        return deferred(x, shape, operands, element);
    }

    private Val deferred(Val x, int[] shape, Operands operands, Expr expr) {
        return builder.defer(
                x.type,
                shape,
                x.rowAxis,
                new Deferred(operands.origin(), operands.root(), operands.inputs(), expr));
    }

    private Val table(long[] elements, int rank) {
        Tensor tensor = Tensor.of(ElementType.INT64, List.of(elements.length), elements);
        return Granularity.along(builder, builder.constant(tensor), rank);
    }

    private Expr inside(Operands operands, ResizedAxis axis, int rank, Expr element) {
        if (!axis.mayLieBeyond()) {
            return element;
        }
        Expr outside = operands.use(table(axis.beyond(), rank));
        return Terms.select(outside, Terms.like(element, beyond), element);
    }

    Val weighed(Val x, ResizedAxis[] axes, ResizedAxis.Weighing weighing) {
        Refusal.unless(
                x.kind() == ScalarKind.F32, "weighing elements of %s is not covered", x.type);
        Val result = x;
        for (int axis = 0; axis < axes.length; axis++) {
            if (!axes[axis].isIdentity()) {
                Rows.spared(x, axis);
                axes[axis].weigh(weighing);
                result =
                        axes[axis].taps <= MOST_TERMS
                                ? weighed(result, axis, axes[axis])
                                : summed(result, axis, axes[axis]);
            }
        }
        return result;
    }

    private Val weighed(Val x, int axis, ResizedAxis resized) {
        View view = builder.view(x);
        int[] shape = Shapes.with(x.shape, axis, resized.output);
        Operands operands = new Operands(builder, shape, true);
        int input = operands.index(fixed(view, axis));
        int rank = shape.length - axis;
        Expr sum = null;
        for (int k = 0; k < resized.taps; k++) {
            long[] offsets = new long[resized.output];
            float[] weights = new float[resized.output];
            for (int place = 0; place < resized.output; place++) {
                int tap = place * resized.taps + k;
                offsets[place] = resized.positions[tap] * view.strides().get(axis);
                weights[place] = resized.weights[tap];
            }
            Expr offset = operands.use(table(offsets, rank));
            Val factors = builder.constant(new int[] {weights.length}, weights);
            Expr factor = operands.use(Granularity.along(builder, factors, rank));
            Expr element = new Expr.LoadAt(input, offset, x.kind());
            sum =
                    sum == null
                            ? Terms.mul(factor, element)
                            : new Expr.FusedMultiplyAdd(factor, element, sum);
        }
        return deferred(x, shape, operands, inside(operands, resized, rank, sum));
    }

    private static View fixed(View view, int axis) {
        List<Integer> strides = new ArrayList<>(view.strides());
        strides.set(axis, 0);
        return new View(view.value(), view.offset(), strides);
    }

    private Val summed(Val x, int axis, ResizedAxis resized) {
        View view = builder.view(x);
        int[] shape = Shapes.with(x.shape, axis, resized.output);
        long[] offsets = resized.positions.clone();
        for (int i = 0; i < offsets.length; i++) {
            offsets[i] *= view.strides().get(axis);
        }
        List<Integer> extents = List.of(resized.output, resized.taps);
        View table = builder.view(builder.constant(Tensor.of(ElementType.INT64, extents, offsets)));
        View factors =
                builder.view(
                        builder.constant(
                                new int[] {resized.output, resized.taps}, resized.weights));
        List<Integer> alongTaps = new ArrayList<>();
        for (int i = 0; i < shape.length; i++) {
            alongTaps.add(i == axis ? resized.taps : 0);
        }
        alongTaps.add(1);
        List<View> inputs = new ArrayList<>();
        inputs.add(fixed(view, axis).followedBy(1));
        inputs.add(new View(table.value(), 0, alongTaps));
        inputs.add(new View(factors.value(), 0, alongTaps));
        Expr element = new Expr.LoadAt(0, new Expr.Load(1, ScalarKind.I64), x.kind());
        Deferred.Root root =
                new Deferred.Reduce(
                        x.kind(),
                        Step.Combine.SUM,
                        List.of(resized.taps),
                        Terms.mul(new Expr.Load(2, x.kind()), element));
        Val sum =
                builder.defer(
                        x.type,
                        shape,
                        x.rowAxis,
                        new Deferred(
                                builder.origin(), root, inputs, new Expr.Accumulated(x.kind())));
        if (!resized.mayLieBeyond()) {
            return sum;
        }
        Val outside = table(resized.beyond(), shape.length - axis);
        return builder.elementwise(
                x.type,
                List.of(sum, outside),
                e -> Terms.select(e.get(1), Terms.like(e.get(0), beyond), e.get(0)));
    }
}
