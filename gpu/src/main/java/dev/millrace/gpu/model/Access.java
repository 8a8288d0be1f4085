package dev.millrace.gpu.model;

import java.util.List;

/**
 * An affine way through one value: at point (i0, i1, ...) of an iteration space the element at
 * {@code offset + i0 * strides[0] + i1 * strides[1] + ...} of the value's elements of the same
 * record. A stride of 0 repeats; strides may be negative.
 *
 * @param value {@link PlanValue#id()}
 * @param offset in elements
 * @param strides in elements, one per dimension of the iteration space
 */
public record Access(int value, int offset, List<Integer> strides) {
    public Access {
        strides = List.copyOf(strides);
    }

    /** Whether the access visits consecutive elements from 0 on in row-major order of the space. */
    public boolean isContiguous(List<Integer> space) {
        if (offset != 0) {
            return false;
        }
        int expected = 1;
        for (int dimension = space.size() - 1; dimension >= 0; dimension--) {
            if (space.get(dimension) != 1 && strides.get(dimension) != expected) {
                return false;
            }
            expected *= space.get(dimension);
        }
        return true;
    }
}
