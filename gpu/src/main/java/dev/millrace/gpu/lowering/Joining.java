package dev.millrace.gpu.lowering;

import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.model.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Puts values side by side. */
final class Joining {
    private Joining() {}

    /** Concatenates along a dimension. */
    static Val concat(Builder builder, List<Val> parts, int axis) {
        if (parts.size() == 1) {
            return parts.get(0);
        }
        Val first = parts.get(0);
        int extent = 0;
        for (Val part : parts) {
            check(first, part, axis);
            extent = Math.addExact(extent, part.shape[axis]);
        }
        int[] shape = Shapes.with(first.shape, axis, extent);
        if (parts.stream().allMatch(builder::isConstant)) {
            return constant(builder, first.type, shape, parts, axis)
                    .withRowAxis(first.rowAxis)
                    .withRowCounts(axis == 0 ? RowCounts.joined(parts) : new boolean[0]);
        }
        Val whole = builder.allocate(first.type, shape, first.rowAxis);
        int start = 0;
        for (Val part : parts) {
            int stride = whole.view().strides().get(axis);
            if (part.elements() > 0) {
                builder.compute(part, whole.view().shifted(start * stride));
            }
            start += part.shape[axis];
        }
        return whole;
    }

    private static void check(Val first, Val part, int axis) {
        ElementwiseOps.sameType(first, part);
        Rows.spared(part, axis);
        Refusal.unless(
                part.rank() == first.rank()
                        && Arrays.equals(
                                Shapes.with(part.shape, axis, 0),
                                Shapes.with(first.shape, axis, 0)),
                "%s and %s do not fit beside each other",
                first,
                part);
        Refusal.unless(
                part.rowAxis == first.rowAxis,
                "%s is there once per record and %s is not; give both the dimension of the rows",
                first.hasRows() ? first : part,
                first.hasRows() ? part : first);
    }

    private static Val constant(
            Builder builder, ElementType type, int[] shape, List<Val> parts, int axis) {
        Cells cells = new Cells(type, shape);
        View whole = View.contiguous(0, shape);
        int start = 0;
        for (Val part : parts) {
            Tensor tensor = builder.tensor(part);
            int[] places =
                    Positions.of(part.shape, whole.shifted(start * whole.strides().get(axis)));
            for (int i = 0; i < places.length; i++) {
                cells.set(places[i], tensor, i);
            }
            start += part.shape[axis];
        }
        return builder.constant(cells.tensor());
    }

    /** Slices along a dimension, {@code {start, step, count}} each, side by side. */
    static Val slices(Builder builder, Val value, int axis, List<int[]> slices) {
        List<Val> parts = new ArrayList<>();
        builder.view(value);
        for (int[] slice : slices) {
            if (slice[2] > 0) {
                parts.add(Views.slice(builder, value, axis, slice[0], slice[1], slice[2]));
            }
        }
        return concat(builder, parts, axis);
    }
}
