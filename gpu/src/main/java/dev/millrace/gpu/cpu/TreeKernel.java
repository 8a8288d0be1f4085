package dev.millrace.gpu.cpu;

import dev.millrace.gpu.interpreter.StepKernel;
import dev.millrace.gpu.model.Step;
import dev.millrace.gpu.model.Trees;
import java.util.Arrays;
import java.util.Optional;

/**
 * Scores tree ensembles: a block of rows is turned into keys once, then every tree is walked by all
 * rows of the block, eight at a time, so that a tree stays in the first-level cache and eight
 * chains of loads overlap. Sums are 64-bit integers, exact in this order as in any other.
 */
final class TreeKernel implements StepKernel {
    /** Bytes of keys of one block: half of a first-level cache, the rest is for a tree. */
    private static final int BLOCK_BYTES = 24 << 10;

    private static final int MOST_ROWS = 64;
    private static final int LANES = 8;

    private final Trees trees;
    private final PackedTrees packed;
    private final int featureOffset;
    private final int featureStride;
    private final int rowElements;
    private final int outputOffset;
    private final int outputStride;
    private final int outputRowElements;
    private final int columns;
    private final int blockRows;
    private final int[] keys;

    /** The greatest depth of each eight trees: a walk that is at its leaf stays there. */
    private final int[] groupDepths;

    private final long[] totals;

    private final long[] leafWeights;

    TreeKernel(Step.TreeEnsemble step, PackedTrees packed, int rowElements, int outputRowElements) {
        this.trees = step.trees();
        this.packed = packed;
        this.featureOffset = step.input().offset();
        this.featureStride = step.input().strides().get(0);
        this.rowElements = rowElements;
        this.outputOffset = step.output().offset();
        this.outputStride = step.output().strides().get(0);
        this.outputRowElements = outputRowElements;
        // One column at least: a leaf reads column 0, and a tree may be a leaf alone.
        columns = Math.max(1, packed.columnFeatures.length);
        int fitting = BLOCK_BYTES / (columns * Integer.BYTES) / LANES * LANES;
        blockRows = Math.max(LANES, Math.min(MOST_ROWS, fitting));
        keys = new int[blockRows * columns];
        totals = new long[blockRows * trees.targets()];
        groupDepths = new int[(packed.depths.length + LANES - 1) / LANES];
        for (int tree = 0; tree < packed.depths.length; tree++) {
            int group = tree / LANES;
            groupDepths[group] = Math.max(groupDepths[group], packed.depths[tree]);
        }
        leafWeights = packed.leafWeights;
    }

    /** Packs ensembles of ordered comparisons whose leaves are added up; no others. */
    static Optional<PackedTrees> pack(Trees trees) {
        Trees.Aggregate aggregate = trees.aggregate();
        if (aggregate != Trees.Aggregate.SUM && aggregate != Trees.Aggregate.AVERAGE) {
            return Optional.empty();
        }
        return PackedTrees.pack(trees);
    }

    @Override
    public void run(float[][] inputs, float[] scores, int rows) {
        for (int first = 0; first < rows; first += blockRows) {
            int block = Math.min(blockRows, rows - first);
            makeKeys(inputs[0], first, block);
            Arrays.fill(totals, 0);
            int whole = block / LANES * LANES;
            for (int tree = 0; whole > 0 && tree < packed.depths.length; tree++) {
                for (int row = 0; row < whole; row += LANES) {
                    walk(packed.starts[tree], packed.depths[tree], row);
                }
            }
            for (int row = whole; row < block; row++) {
                for (int tree = 0; tree < packed.depths.length; tree += LANES) {
                    walkTrees(tree, row);
                }
            }
            store(scores, first, block);
        }
    }

    private void makeKeys(float[] features, int firstRow, int rows) {
        int count = packed.columnFeatures.length;
        for (int row = 0; row < rows; row++) {
            int from = (firstRow + row) * rowElements + featureOffset;
            for (int column = 0; column < count; column++) {
                float x = features[from + packed.columnFeatures[column] * featureStride];
                keys[row * columns + column] =
                        Float.isNaN(x) ? packed.columnNans[column] : PackedTrees.key(x);
            }
        }
    }

    /** Eight rows down one tree. */
    private void walk(int start, int depth, int row) {
        long[] nodes = packed.nodes;
        int[] k = keys;
        int r0 = row * columns;
        int r1 = r0 + columns;
        int r2 = r1 + columns;
        int r3 = r2 + columns;
        int r4 = r3 + columns;
        int r5 = r4 + columns;
        int r6 = r5 + columns;
        int r7 = r6 + columns;
        int i0 = start;
        int i1 = start;
        int i2 = start;
        int i3 = start;
        int i4 = start;
        int i5 = start;
        int i6 = start;
        int i7 = start;
        for (int level = 0; level < depth; level++) {
            i0 = start + next(nodes[i0], k, r0);
            i1 = start + next(nodes[i1], k, r1);
            i2 = start + next(nodes[i2], k, r2);
            i3 = start + next(nodes[i3], k, r3);
            i4 = start + next(nodes[i4], k, r4);
            i5 = start + next(nodes[i5], k, r5);
            i6 = start + next(nodes[i6], k, r6);
            i7 = start + next(nodes[i7], k, r7);
        }
        add(row, i0);
        add(row + 1, i1);
        add(row + 2, i2);
        add(row + 3, i3);
        add(row + 4, i4);
        add(row + 5, i5);
        add(row + 6, i6);
        add(row + 7, i7);
    }

    /** One row down eight trees; where fewer are left, the last one several times. */
    private void walkTrees(int tree, int row) {
        long[] nodes = packed.nodes;
        int[] k = keys;
        int r = row * columns;
        int s0 = start(tree);
        int s1 = start(tree + 1);
        int s2 = start(tree + 2);
        int s3 = start(tree + 3);
        int s4 = start(tree + 4);
        int s5 = start(tree + 5);
        int s6 = start(tree + 6);
        int s7 = start(tree + 7);
        int i0 = s0;
        int i1 = s1;
        int i2 = s2;
        int i3 = s3;
        int i4 = s4;
        int i5 = s5;
        int i6 = s6;
        int i7 = s7;
        int depth = groupDepths[tree / LANES];
        for (int level = 0; level < depth; level++) {
            i0 = s0 + next(nodes[i0], k, r);
            i1 = s1 + next(nodes[i1], k, r);
            i2 = s2 + next(nodes[i2], k, r);
            i3 = s3 + next(nodes[i3], k, r);
            i4 = s4 + next(nodes[i4], k, r);
            i5 = s5 + next(nodes[i5], k, r);
            i6 = s6 + next(nodes[i6], k, r);
            i7 = s7 + next(nodes[i7], k, r);
        }
        int left = packed.depths.length - tree;
        add(row, i0);
        if (left > 1) {
            add(row, i1);
        }
        if (left > 2) {
            add(row, i2);
        }
        if (left > 3) {
            add(row, i3);
        }
        if (left > 4) {
            add(row, i4);
        }
        if (left > 5) {
            add(row, i5);
        }
        if (left > 6) {
            add(row, i6);
        }
        if (left > 7) {
            add(row, i7);
        }
    }

    private int start(int tree) {
        return packed.starts[Math.min(tree, packed.depths.length - 1)];
    }

    /** The left child, or the one after it if the key is greater than the threshold. */
    private static int next(long node, int[] keys, int row) {
        long key = keys[row + ((int) node & 0xffff)];
        return ((int) node >>> 16) + (int) (((node >> 32) - key) >>> 63);
    }

    private void add(int row, int at) {
        if (leafWeights.length > 0) {
            totals[row] += leafWeights[at];
            return;
        }
        int node = packed.originals[at];
        int end = trees.weightStart(node + 1);
        for (int w = trees.weightStart(node); w < end; w++) {
            totals[row * trees.targets() + trees.weightTarget(w)] += trees.weight(w);
        }
    }

    private void store(float[] scores, int firstRow, int rows) {
        int targets = trees.targets();
        double scale = trees.scale();
        boolean average = trees.aggregate() == Trees.Aggregate.AVERAGE;
        for (int row = 0; row < rows; row++) {
            int to = (firstRow + row) * outputRowElements + outputOffset;
            for (int target = 0; target < targets; target++) {
                long total = totals[row * targets + target];
                long base = trees.base(target);
                double score = (double) (total + base) * scale;
                if (average) {
                    score = (double) total * scale / trees.trees() + (double) base * scale;
                }
                scores[to + target * outputStride] = (float) score;
            }
        }
    }
}
