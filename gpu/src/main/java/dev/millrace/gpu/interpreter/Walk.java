package dev.millrace.gpu.interpreter;

import dev.millrace.gpu.model.Access;
import java.util.List;

/** Turns consecutive points of (rows, space...) into element positions of one access. */
final class Walk {
    private final int[] extents;
    private final int[] strides;
    private final int[] coordinates;
    private final int offset;

    /**
     * @param space the iteration space without the rows
     * @param access strides over a prefix of the space; missing ones are 0
     */
    Walk(List<Integer> space, Access access, int rowStride) {
        int rank = space.size() + 1;
        extents = new int[rank];
        strides = new int[rank];
        coordinates = new int[rank];
        offset = access.offset();
        strides[0] = rowStride;
        extents[0] = Integer.MAX_VALUE;
        for (int dimension = 1; dimension < rank; dimension++) {
            extents[dimension] = space.get(dimension - 1);
            strides[dimension] =
                    dimension <= access.strides().size() ? access.strides().get(dimension - 1) : 0;
        }
    }

    /** Whether consecutive points lie at consecutive positions, over rows too. */
    boolean isContiguous() {
        int expected = 1;
        for (int dimension = extents.length - 1; dimension >= 0; dimension--) {
            if (strides[dimension] != expected) {
                return false;
            }
            expected *= extents[dimension];
        }
        return true;
    }

    /** Position of one point. */
    int position(long point) {
        return seek(point);
    }

    /** Positions of points {@code start} to {@code start + count - 1}. */
    void fill(long start, int count, int[] positions) {
        int last = extents.length - 1;
        int base = seek(start);
        int filled = 0;
        while (filled < count) {
            int run = Math.min(count - filled, extents[last] - coordinates[last]);
            int stride = strides[last];
            for (int i = 0; i < run; i++) {
                positions[filled++] = base;
                base += stride;
            }
            coordinates[last] += run;
            base = carry(last, base);
        }
    }

    private int seek(long start) {
        long rest = start;
        int base = offset;
        for (int dimension = extents.length - 1; dimension > 0; dimension--) {
            coordinates[dimension] = (int) (rest % extents[dimension]);
            rest /= extents[dimension];
            base += coordinates[dimension] * strides[dimension];
        }
        coordinates[0] = (int) rest;
        return base + (int) rest * strides[0];
    }

    private int carry(int last, int base) {
        int position = base;
        for (int dimension = last;
                dimension > 0 && coordinates[dimension] == extents[dimension];
                dimension--) {
            position += strides[dimension - 1] - extents[dimension] * strides[dimension];
            coordinates[dimension] = 0;
            coordinates[dimension - 1]++;
        }
        return position;
    }
}
