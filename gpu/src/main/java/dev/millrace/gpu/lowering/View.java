package dev.millrace.gpu.lowering;

import dev.millrace.gpu.model.Access;
import java.util.ArrayList;
import java.util.List;

/**
 * An affine way through a value's elements, one stride per dimension of a shape that its user
 * knows.
 */
record View(int value, int offset, List<Integer> strides) {
    View {
        strides = List.copyOf(strides);
    }

    /** Row-major over a whole value. */
    static View contiguous(int value, int[] shape) {
        return new View(value, 0, Shapes.boxed(Shapes.strides(shape)));
    }

    /** The same way for a larger shape: missing leading dimensions and extents of 1 repeat. */
    View broadcast(int[] from, int[] to) {
        List<Integer> broadcast = new ArrayList<>();
        int shift = to.length - from.length;
        for (int dimension = 0; dimension < to.length; dimension++) {
            int source = dimension - shift;
            boolean repeats = source < 0 || (from[source] == 1 && to[dimension] != 1);
            broadcast.add(repeats ? 0 : strides.get(source));
        }
        return new View(value, offset, broadcast);
    }

    /** Strides taken from the given dimensions, in that order; -1 gives stride 0. */
    View pick(List<Integer> dimensions) {
        List<Integer> picked = new ArrayList<>();
        for (int dimension : dimensions) {
            picked.add(dimension < 0 ? 0 : strides.get(dimension));
        }
        return new View(value, offset, picked);
    }

    /** The same element at every point of further dimensions. */
    View followedBy(int dimensions) {
        List<Integer> more = new ArrayList<>(strides);
        for (int i = 0; i < dimensions; i++) {
            more.add(0);
        }
        return new View(value, offset, more);
    }

    /** A further, last dimension. */
    View followedByStride(int stride) {
        List<Integer> more = new ArrayList<>(strides);
        more.add(stride);
        return new View(value, offset, more);
    }

    View shifted(int elements) {
        return new View(value, offset + elements, strides);
    }

    Access access() {
        return new Access(value, offset, strides);
    }
}
