package dev.millrace.gpu.interpreter;

import dev.millrace.gpu.model.Access;
import java.util.Arrays;
import java.util.List;

/** Consecutive points of (rows, space...) being evaluated together. Reused. */
final class Block {
    /**
     * Points of a block: enough to amortise dispatch, few enough to stay in the first-level cache.
     */
    static final int POINTS = 256;

    final int[] scratch = new int[POINTS];
    int count;

    /** What {@code Accumulated} reads. */
    Lane accumulated;

    private final Walk[] walks;
    private final boolean[] contiguous;
    private final int[][] positions;
    private final boolean[] filled;
    private final int[] shifts;
    private final int[] inner;
    private final int[] extents;
    private final int pointsPerRow;
    private long start;
    private int firstFault = Integer.MAX_VALUE;

    Block(List<Integer> space, List<Access> inputs, Memory[] memories) {
        positions = new int[inputs.size()][POINTS];
        walks = new Walk[inputs.size()];
        contiguous = new boolean[walks.length];
        filled = new boolean[walks.length];
        shifts = new int[walks.length];
        for (int i = 0; i < walks.length; i++) {
            walks[i] = new Walk(space, inputs.get(i), memories[i].rowStride);
            contiguous[i] = walks[i].isContiguous();
        }
        inner = new int[space.size()];
        extents = new int[space.size()];
        int product = 1;
        for (int dimension = space.size() - 1; dimension >= 0; dimension--) {
            inner[dimension] = product;
            extents[dimension] = space.get(dimension);
            product = Math.multiplyExact(product, extents[dimension]);
        }
        pointsPerRow = product;
    }

    int pointsPerRow() {
        return pointsPerRow;
    }

    void moveTo(long newStart, int newCount) {
        start = newStart;
        count = newCount;
        Arrays.fill(filled, false);
        Arrays.fill(shifts, 0);
    }

    /** Moves all positions of an input, until the block itself moves. */
    void shift(int input, int distance) {
        shifts[input] += distance;
        if (filled[input]) {
            shift(positions[input], distance);
        }
    }

    private void shift(int[] moved, int distance) {
        for (int i = 0; i < count; i++) {
            moved[i] += distance;
        }
    }

    /** Positions in the memory of an input, one per point of the block. */
    int[] positions(int input) {
        if (!filled[input]) {
            walks[input].fill(start, count, positions[input]);
            if (shifts[input] != 0) {
                shift(positions[input], shifts[input]);
            }
            filled[input] = true;
        }
        return positions[input];
    }

    /** Whether an input's elements lie side by side from {@link #position} on. */
    boolean isContiguous(int input) {
        return contiguous[input];
    }

    /** Position of the block's first point in the memory of an input. */
    int position(int input) {
        return walks[input].position(start) + shifts[input];
    }

    /** The first point's coordinate in a dimension. */
    int coordinate(int dimension) {
        return (int) (start / inner[dimension] % extents[dimension]);
    }

    /** How many points, from the first on, have its coordinate in a dimension. */
    int untilNextCoordinate(int dimension) {
        return inner[dimension] - (int) (start % inner[dimension]);
    }

    /** How many consecutive points share a coordinate in a dimension. */
    int sameCoordinate(int dimension) {
        return inner[dimension];
    }

    int nextCoordinate(int coordinate, int dimension) {
        return coordinate + 1 == extents[dimension] ? 0 : coordinate + 1;
    }

    void fault(int point) {
        firstFault = Math.min(firstFault, (int) ((start + point) / pointsPerRow));
    }

    /** The first row at fault since the last call, or Integer.MAX_VALUE. */
    int takeFault() {
        int fault = firstFault;
        firstFault = Integer.MAX_VALUE;
        return fault;
    }
}
