package dev.millrace.gpu.interpreter;

import dev.millrace.gpu.model.Access;
import java.util.List;

/** Consecutive points of (rows, space...) being evaluated together. Reused. */
final class Block {
    /**
     * Points of a block: enough to amortise dispatch, few enough to stay in the first-level cache.
     */
    static final int POINTS = 256;

    final int[][] positions;
    final int[] scratch = new int[POINTS];
    int count;

    /** What {@code Accumulated} reads. */
    Lane accumulated;

    private final Walk[] walks;
    private final int[] inner;
    private final int[] extents;
    private final int pointsPerRow;
    private long start;
    private int firstFault = Integer.MAX_VALUE;

    Block(List<Integer> space, List<Access> inputs, Memory[] memories) {
        positions = new int[inputs.size()][POINTS];
        walks = new Walk[inputs.size()];
        for (int i = 0; i < walks.length; i++) {
            walks[i] = new Walk(space, inputs.get(i), memories[i].rowStride);
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
        for (int i = 0; i < walks.length; i++) {
            walks[i].fill(newStart, newCount, positions[i]);
        }
    }

    int coordinate(int point, int dimension) {
        return (int) ((start + point) / inner[dimension] % extents[dimension]);
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
