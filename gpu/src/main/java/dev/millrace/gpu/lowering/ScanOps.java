package dev.millrace.gpu.lowering;

import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.model.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Operators that walk along one dimension: running sums and the largest elements. */
final class ScanOps {
    private static final int COUNT_BY_INPUT = 10;

    private ScanOps() {}

    static void register(Operators operators) {
        operators.standard("CumSum", ScanOps::runningSum);
        operators.standard("TopK", ScanOps::topK);
    }

    private static void runningSum(NodeContext node) {
        Val value = node.input(0);
        boolean exclusive = node.flag("exclusive", false);
        boolean reverse = node.flag("reverse", false);
        int axis = Shapes.axis(node.constantLong(1, "the axis"), value.rank());
        Rows.spared(value, axis);
        Builder builder = node.builder();
        View from = builder.view(value);
        Val result = builder.allocate(value.type, value.shape, value.rowAxis);
        int[] space = Shapes.with(value.shape, axis, 1);
        builder.addWhole(
                new Step.RunningSum(
                        builder.origin(),
                        value.kind(),
                        Shapes.boxed(space),
                        value.shape[axis],
                        exclusive,
                        reverse,
                        along(from, axis).access(),
                        along(result.view(), axis).access()));
        node.output(result);
    }

    /** The view with the axis' stride once more at the end: walking the axis from its place 0. */
    private static View along(View view, int axis) {
        List<Integer> strides = new ArrayList<>(view.strides());
        strides.add(strides.get(axis));
        return new View(view.value(), view.offset(), strides);
    }

    private static void topK(NodeContext node) {
        Val value = node.input(0);
        long count =
                node.version() < COUNT_BY_INPUT ? node.integer("k", -1) : node.constantLong(1, "k");
        int axis = node.axis("axis", -1, value.rank());
        boolean largest = node.flag("largest", true);
        node.ignoreAttributes("sorted");
        Rows.spared(value, axis);
        int length = value.shape[axis];
        Refusal.unless(
                count >= 0 && count <= length, "%d elements are not among %d", count, length);
        Builder builder = node.builder();
        View from = builder.view(ordered(builder, value));
        int[] shape = Shapes.with(value.shape, axis, (int) count);
        Val elements = builder.allocate(value.type, shape, value.rowAxis);
        Val positions = builder.allocate(ElementType.INT64, shape, value.rowAxis);
        builder.addWhole(
                new Step.TopK(
                        builder.origin(),
                        value.kind(),
                        largest,
                        Shapes.boxed(Shapes.with(value.shape, axis, 1)),
                        length,
                        (int) count,
                        along(from, axis).access(),
                        along(elements.view(), axis).access(),
                        Optional.of(along(positions.view(), axis).access())));
        node.output(0, ordered(builder, elements));
        node.output(1, positions);
    }

    /** Unsigned 64-bit integers so that their signed order is the right one, and back again. */
    private static Val ordered(Builder builder, Val value) {
        if (value.type != ElementType.UINT64) {
            return value;
        }
        return builder.elementwise(
                value.type,
                List.of(value),
                loads -> ElementwiseOps.ordered(ElementType.UINT64, loads.get(0)));
    }
}
