package dev.millrace.gpu.lowering;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Arithmetic on shapes. Everything checks for overflow: model files are not to be trusted. */
final class Shapes {
    /** Most elements a tensor of one record, or a constant, may have: 2 GiB of floats. */
    static final long MOST_ELEMENTS = 1L << 29;

    /** Most elements of a constant that is computed, 512 MiB while it is held. */
    private static final int MOST_CONSTANT_ELEMENTS = 1 << 26;

    private Shapes() {}

    static int elements(int[] shape) {
        long elements = 1;
        for (int dimension : shape) {
            Refusal.unless(dimension >= 0, "shape %s is negative", Arrays.toString(shape));
            elements *= dimension;
            Refusal.unless(
                    elements <= MOST_ELEMENTS,
                    "shape %s has more than %d elements",
                    Arrays.toString(shape),
                    MOST_ELEMENTS);
        }
        return (int) elements;
    }

    /** Elements of a constant that the import computes: these are held while it goes on. */
    static int constantElements(int[] shape) {
        int elements = elements(shape);
        Refusal.unless(
                elements <= MOST_CONSTANT_ELEMENTS,
                "a computed constant of shape %s has more than %d elements",
                Arrays.toString(shape),
                MOST_CONSTANT_ELEMENTS);
        return elements;
    }

    /** Product of the extents from one dimension (inclusive) to another (exclusive). */
    static int product(int[] shape, int from, int to) {
        return elements(Arrays.copyOfRange(shape, from, to));
    }

    static int[] strides(int[] shape) {
        int[] strides = new int[shape.length];
        long stride = 1;
        for (int dimension = shape.length - 1; dimension >= 0; dimension--) {
            strides[dimension] = (int) stride;
            stride = Math.min(stride * Math.max(1, shape[dimension]), Integer.MAX_VALUE);
        }
        return strides;
    }

    static List<Integer> boxed(int[] values) {
        List<Integer> boxed = new ArrayList<>(values.length);
        for (int value : values) {
            boxed.add(value);
        }
        return boxed;
    }

    static int[] unboxed(List<Integer> values) {
        return values.stream().mapToInt(Integer::intValue).toArray();
    }

    /** An axis that may be counted from the end. */
    static int axis(long axis, int rank) {
        long positive = axis < 0 ? axis + rank : axis;
        Refusal.unless(positive >= 0 && positive < rank, "axis %d is not one of %d", axis, rank);
        return (int) positive;
    }

    /** Distinct axes, ascending. */
    static int[] axes(long[] axes, int rank) {
        int[] sorted = Arrays.stream(axes).mapToInt(axis -> axis(axis, rank)).sorted().toArray();
        for (int i = 1; i < sorted.length; i++) {
            Refusal.unless(sorted[i] != sorted[i - 1], "axis %d is named twice", sorted[i]);
        }
        return sorted;
    }

    static boolean contains(int[] values, int wanted) {
        return Arrays.stream(values).anyMatch(value -> value == wanted);
    }

    static int[] broadcast(int[] a, int[] b) {
        int rank = Math.max(a.length, b.length);
        int[] shape = new int[rank];
        for (int i = 1; i <= rank; i++) {
            int x = i <= a.length ? a[a.length - i] : 1;
            int y = i <= b.length ? b[b.length - i] : 1;
            Refusal.unless(
                    x == y || x == 1 || y == 1,
                    "shapes %s and %s do not broadcast",
                    Arrays.toString(a),
                    Arrays.toString(b));
            shape[rank - i] = x == 1 ? y : x;
        }
        return shape;
    }

    static int[] with(int[] shape, int dimension, int extent) {
        int[] changed = shape.clone();
        changed[dimension] = extent;
        return changed;
    }

    static int[] concat(int[] a, int[] b) {
        int[] joined = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, joined, a.length, b.length);
        return joined;
    }

    static int[] range(int from, int to) {
        int[] range = new int[Math.max(0, to - from)];
        for (int i = 0; i < range.length; i++) {
            range[i] = from + i;
        }
        return range;
    }

    /** A size from the model that becomes an extent. */
    static int extent(long size) {
        Refusal.unless(size >= 0 && size <= MOST_ELEMENTS, "%d is not a usable extent", size);
        return (int) size;
    }
}
