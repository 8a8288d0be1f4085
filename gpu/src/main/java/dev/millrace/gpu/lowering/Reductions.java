package dev.millrace.gpu.lowering;

import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.Exprs;
import dev.millrace.gpu.model.ScalarKind;
import dev.millrace.gpu.model.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** Sums, products, extremes and their positions along dimensions. */
final class Reductions {
    private final Builder builder;
    private final int[] whole;
    private final int[] axes;
    private final int rowAxis;
    private final List<View> inputs;
    private final Expr term;

    private Reductions(
            Builder builder, List<Val> operands, int[] axes, Function<List<Expr>, Expr> term) {
        this.builder = builder;
        this.axes = axes;
        int[] shape = new int[0];
        for (Val operand : operands) {
            shape = Shapes.broadcast(shape, operand.shape);
        }
        whole = shape;
        rowAxis = Rows.broadcast(whole, operands);
        Rows.mixes(rowAxis != Rows.NONE && Shapes.contains(axes, rowAxis));
        Operands collected = new Operands(builder, whole, false);
        Expr body = term.apply(operands.stream().map(collected::use).toList());
        if (Exprs.any(body, part -> part instanceof Expr.Guarded)) {
            // Coordinates are those of the result: what depends on them is computed before.
            operands.forEach(builder::view);
            collected = new Operands(builder, whole, false);
            body = term.apply(operands.stream().map(collected::use).toList());
        }
        this.inputs = collected.inputs();
        this.term = body;
    }

    /**
     * Combines terms along dimensions. Not a step yet: an elementwise computation on the result
     * becomes part of it.
     *
     * @param type of the result; its kind is the accumulator's and the terms'
     * @param operands broadcast to their common shape
     * @param axes of that shape, ascending
     * @param keep whether the dimensions stay, with extent 1
     */
    static Val reduce(
            Builder builder,
            Step.Combine combine,
            ElementType type,
            List<Val> operands,
            int[] axes,
            boolean keep,
            Function<List<Expr>, Expr> term) {
        Reductions reductions = new Reductions(builder, operands, axes, term);
        ScalarKind kind = ScalarKind.of(type);
        Deferred.Root root =
                new Deferred.Reduce(kind, combine, reductions.reduced(), reductions.term);
        return reductions.result(type, keep, root, new Expr.Accumulated(kind));
    }

    /** {@link #reduce} of one operand. */
    static Val reduce(
            Builder builder,
            Step.Combine combine,
            ElementType type,
            Val operand,
            int[] axes,
            boolean keep,
            UnaryOperator<Expr> term) {
        return reduce(
                builder,
                combine,
                type,
                List.of(operand),
                axes,
                keep,
                loads -> term.apply(loads.get(0)));
    }

    /** Positions of the largest or smallest elements, counted along the dimensions together. */
    static Val position(
            Builder builder, boolean maximum, boolean last, Val value, int[] axes, boolean keep) {
        Reductions reductions =
                new Reductions(
                        builder,
                        List.of(value),
                        axes,
                        loads -> ElementwiseOps.ordered(value.type, loads.get(0)));
        Refusal.unless(value.elements() > 0, "there is no largest element in %s", value);
        Deferred.Root root = new Deferred.Arg(maximum, last, reductions.reduced(), reductions.term);
        Expr found = new Expr.Accumulated(ScalarKind.I64);
        return reductions.result(ElementType.INT64, keep, root, found);
    }

    private List<Integer> reduced() {
        List<Integer> extents = new ArrayList<>();
        for (int axis : axes) {
            extents.add(whole[axis]);
        }
        return extents;
    }

    private Val result(ElementType type, boolean keep, Deferred.Root root, Expr finish) {
        List<Integer> shape = new ArrayList<>();
        List<Integer> sources = new ArrayList<>();
        for (int axis = 0; axis < whole.length; axis++) {
            boolean gone = Shapes.contains(axes, axis);
            if (keep || !gone) {
                shape.add(gone ? 1 : whole[axis]);
                sources.add(gone ? -1 : axis);
            }
        }
        sources.addAll(Shapes.boxed(axes));
        List<View> views = inputs.stream().map(view -> view.pick(sources)).toList();
        int rows = keep ? rowAxis : Rows.without(rowAxis, axes);
        Deferred deferred = new Deferred(builder.origin(), root, views, finish);
        return builder.defer(type, Shapes.unboxed(shape), rows, deferred);
    }
}
