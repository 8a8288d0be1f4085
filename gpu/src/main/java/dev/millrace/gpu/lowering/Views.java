package dev.millrace.gpu.lowering;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Other ways through the same elements. */
final class Views {
    private Views() {}

    /** A view of a value's elements, which keeps the marks of {@link RowCounts}. */
    static Val moved(Builder builder, Val value, int[] shape, int rowAxis, View view) {
        Shapes.elements(shape);
        return builder.viewed(value, shape, rowAxis, view)
                .withRowCounts(RowCounts.moved(value, shape, view));
    }

    /** Dimension i of the result is dimension {@code order[i]} of the value. */
    static Val transpose(Builder builder, Val value, int[] order) {
        int[] shape = new int[order.length];
        for (int i = 0; i < order.length; i++) {
            shape[i] = value.shape[order[i]];
        }
        int rowAxis = Shapes.boxed(order).indexOf(value.rowAxis);
        View view = builder.view(value).pick(Shapes.boxed(order));
        return moved(builder, value, shape, rowAxis, view);
    }

    /** Inserts a dimension of extent 1. */
    static Val unsqueeze(Builder builder, Val value, int axis) {
        View view = builder.view(value);
        List<Integer> strides = new ArrayList<>(view.strides());
        List<Integer> shape = new ArrayList<>(Shapes.boxed(value.shape));
        strides.add(axis, 0);
        shape.add(axis, 1);
        int rowAxis = value.rowAxis >= axis ? value.rowAxis + 1 : value.rowAxis;
        View inserted = new View(view.value(), view.offset(), strides);
        return moved(builder, value, Shapes.unboxed(shape), rowAxis, inserted);
    }

    /** Removes dimensions of extent 1. */
    static Val squeeze(Builder builder, Val value, int... axes) {
        Rows.spared(value, axes);
        View view = builder.view(value);
        List<Integer> strides = new ArrayList<>();
        List<Integer> shape = new ArrayList<>();
        for (int axis = 0; axis < value.rank(); axis++) {
            if (Shapes.contains(axes, axis)) {
                Refusal.unless(value.shape[axis] == 1, "dimension %d of %s is not 1", axis, value);
            } else {
                strides.add(view.strides().get(axis));
                shape.add(value.shape[axis]);
            }
        }
        View squeezed = new View(view.value(), view.offset(), strides);
        int rowAxis = Rows.without(value.rowAxis, axes);
        return moved(builder, value, Shapes.unboxed(shape), rowAxis, squeezed);
    }

    /** Elements {@code start, start + step, ...} along a dimension. */
    static Val slice(Builder builder, Val value, int axis, int start, int step, int count) {
        if (start == 0 && step == 1 && count == value.shape[axis]) {
            return value;
        }
        Rows.spared(value, axis);
        View view = builder.view(value);
        int stride = view.strides().get(axis);
        List<Integer> strides = new ArrayList<>(view.strides());
        strides.set(axis, Math.multiplyExact(stride, step));
        int offset = count == 0 ? view.offset() : view.offset() + start * stride;
        View sliced = new View(view.value(), offset, strides);
        return moved(builder, value, Shapes.with(value.shape, axis, count), value.rowAxis, sliced);
    }

    /** Repeats extents of 1 and adds leading dimensions. */
    static Val expand(Builder builder, Val value, int[] shape, int rowAxis) {
        View view = builder.view(value).broadcast(value.shape, shape);
        return moved(builder, value, shape, rowAxis, view);
    }

    /**
     * The same elements in row-major order under another shape, whose dimension of the rows may
     * take in what lay in front of it, or give it back: {@link Val#rowOuter}.
     */
    static Val reshapeAnyOrder(Builder builder, Val value, int[] shape, int rowAxis) {
        if (!value.hasRows() || rowAxis == Rows.NONE || value.elements() == 0) {
            return reshape(builder, value, shape, rowAxis);
        }
        int before = Shapes.product(value.shape, 0, value.rowAxis) * value.rowOuter;
        int still = Shapes.product(shape, 0, rowAxis);
        Rows.mixes(before % still != 0 || shape[rowAxis] % (before / still) != 0);
        // As one record sees them, the elements are in the same order either way.
        Val plain = value.withRowAxis(Rows.NONE).withRowOuter(1);
        return reshape(builder, plain, shape, Rows.NONE)
                .withRowAxis(rowAxis)
                .withRowOuter(before / still);
    }

    /**
     * The same elements in row-major order under another shape.
     *
     * @param rowAxis the dimension of the rows; the extents before it must multiply to the same as
     *     before, or rows would be torn apart
     */
    static Val reshape(Builder builder, Val value, int[] shape, int rowAxis) {
        Refusal.unless(
                Shapes.elements(shape) == value.elements(),
                "%s cannot take the shape %s",
                value,
                Arrays.toString(shape));
        if (value.hasRows()) {
            Rows.mixes(
                    rowAxis == Rows.NONE
                            || Shapes.product(shape, 0, rowAxis)
                                    != Shapes.product(value.shape, 0, value.rowAxis));
        }
        if (Arrays.equals(shape, value.shape) && rowAxis == value.rowAxis) {
            return value;
        }
        Optional<View> direct = reshaped(builder.view(value), value.shape, shape);
        if (direct.isPresent()) {
            return moved(builder, value, shape, rowAxis, direct.get());
        }
        Val copy = builder.copied(value);
        View view = new View(copy.view().value(), 0, Shapes.boxed(Shapes.strides(shape)));
        return moved(builder, copy, shape, rowAxis, view);
    }

    /** The same walk under another shape, where strides can express it. */
    private static Optional<View> reshaped(View view, int[] from, int[] to) {
        List<int[]> dimensions = merged(view, from);
        if (Shapes.elements(to) == 0) {
            return Optional.of(new View(view.value(), view.offset(), Shapes.boxed(to.clone())));
        }
        List<Integer> strides = new ArrayList<>();
        int next = 0;
        int left = 1;
        int stride = 0;
        for (int extent : to) {
            if (extent == 1) {
                strides.add(0);
                continue;
            }
            if (left == 1) {
                left = dimensions.get(next)[0];
                stride = dimensions.get(next)[1];
                next++;
            }
            if (left % extent != 0) {
                return Optional.empty();
            }
            left /= extent;
            strides.add(left * stride);
        }
        return Optional.of(new View(view.value(), view.offset(), strides));
    }

    /** Extents and strides without extents of 1, neighbours walked as one merged. */
    private static List<int[]> merged(View view, int[] shape) {
        List<int[]> dimensions = new ArrayList<>();
        for (int i = 0; i < shape.length; i++) {
            int stride = view.strides().get(i);
            if (shape[i] == 1) {
                continue;
            }
            int[] last = dimensions.isEmpty() ? null : dimensions.get(dimensions.size() - 1);
            if (last != null && last[1] == (long) stride * shape[i]) {
                last[0] *= shape[i];
                last[1] = stride;
            } else {
                dimensions.add(new int[] {shape[i], stride});
            }
        }
        return dimensions;
    }
}
