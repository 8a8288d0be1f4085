package dev.millrace.gpu.cpu;

import dev.millrace.gpu.model.Trees;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;

/**
 * A tree ensemble as one long per node, so that a walk needs one load per level from the tree and
 * one from the record, and no branch.
 *
 * <p><b>Keys.</b> Floats are compared as integers in the same order ({@link #key}); every branch
 * becomes "go right if key &gt; threshold". A branch the other way round swaps its children. Where
 * a NaN goes depends on the node, so a feature has up to two columns of keys: one in which NaN is
 * greater than every threshold, one in which it is less.
 *
 * <p><b>Nodes.</b> From the high end: threshold (32 bits), number of the left child within its tree
 * (16), column (16). The right child follows the left one. A leaf leads to itself, whatever the
 * key, so every tree is walked for its depth without looking for the end.
 */
final class PackedTrees {
    private static final int FIELD_BITS = 16;
    private static final int MOST = 1 << FIELD_BITS;

    /** Of a leaf: no key is greater. */
    private static final int NEVER = Integer.MAX_VALUE;

    private final Trees trees;
    private final Map<Integer, Integer> columnNumbers = new HashMap<>();

    final long[] nodes;

    /** The ensemble's node behind each packed node: a leaf's weights are found by it. */
    final int[] originals;

    /** Number of each tree's first node, its root; one more at the end. */
    final int[] starts;

    final int[] depths;

    /** With one target: the sum of each packed node's weights; else empty. */
    final long[] leafWeights;

    /** Per column the feature. */
    int[] columnFeatures = {};

    /** Per column the key of NaN. */
    int[] columnNans = {};

    private PackedTrees(Trees trees) {
        this.trees = trees;
        nodes = new long[trees.nodes()];
        originals = new int[trees.nodes()];
        starts = new int[trees.trees() + 1];
        depths = new int[trees.trees()];
        leafWeights = new long[trees.targets() == 1 ? trees.nodes() : 0];
    }

    /** Packs an ensemble; empty if it has nodes that do not fit the layout. */
    static Optional<PackedTrees> pack(Trees trees) {
        if (trees.doubleFeatures()) {
            return Optional.empty();
        }
        PackedTrees packed = new PackedTrees(trees);
        for (int tree = 0; tree < trees.trees(); tree++) {
            if (!packed.add(tree)) {
                return Optional.empty();
            }
        }
        packed.listColumns();
        packed.sumLeaves();
        return Optional.of(packed);
    }

    /** An integer that compares as the float does; -0 as +0. Not for NaN. */
    static int key(float x) {
        int bits = Float.floatToRawIntBits(x + 0.0f);
        return bits ^ ((bits >> 31) & 0x7fffffff);
    }

    /** Lays out one tree level by level; false if it does not fit. */
    private boolean add(int tree) {
        int start = starts[tree];
        if (start >= nodes.length) {
            return false;
        }
        int next = start + 1;
        int depth = 0;
        Queue<int[]> open = new ArrayDeque<>();
        open.add(new int[] {trees.root(tree), start, 0});
        while (!open.isEmpty()) {
            int[] entry = open.remove();
            int node = entry[0];
            int at = entry[1];
            depth = Math.max(depth, entry[2]);
            originals[at] = node;
            if (trees.mode(node) == Trees.Mode.LEAF) {
                nodes[at] = node(NEVER, at - start, 0);
                continue;
            }
            // A node that two branches lead to would be laid out twice.
            boolean fits = next + 2 <= nodes.length && next + 1 - start < MOST;
            if (!fits || !addBranch(node, at, next - start)) {
                return false;
            }
            boolean trueIsLeft = trueIsLeft(trees.mode(node));
            int whenTrue = trees.trueChild(node);
            int whenFalse = trees.falseChild(node);
            open.add(new int[] {trueIsLeft ? whenTrue : whenFalse, next, entry[2] + 1});
            open.add(new int[] {trueIsLeft ? whenFalse : whenTrue, next + 1, entry[2] + 1});
            next += 2;
        }
        depths[tree] = depth;
        starts[tree + 1] = next;
        return true;
    }

    private static boolean trueIsLeft(Trees.Mode mode) {
        return mode == Trees.Mode.LESS_OR_EQUAL || mode == Trees.Mode.LESS;
    }

    /** Writes a branch; false if its mode is not an order or its threshold not a number. */
    private boolean addBranch(int node, int at, int left) {
        Trees.Mode mode = trees.mode(node);
        float threshold = (float) trees.threshold(node);
        boolean ordered =
                mode == Trees.Mode.LESS_OR_EQUAL
                        || mode == Trees.Mode.LESS
                        || mode == Trees.Mode.GREATER
                        || mode == Trees.Mode.GREATER_OR_EQUAL;
        if (!ordered || Float.isNaN(threshold)) {
            return false;
        }
        // x < t and x >= t part the numbers just below t.
        boolean below = mode == Trees.Mode.LESS || mode == Trees.Mode.GREATER_OR_EQUAL;
        boolean nanGoesLeft = trees.missingTrue(node) == trueIsLeft(mode);
        int column = column(trees.feature(node), nanGoesLeft);
        if (column >= MOST) {
            return false;
        }
        nodes[at] = node(key(threshold) - (below ? 1 : 0), left, column);
        return true;
    }

    private int column(int feature, boolean nanGoesLeft) {
        return columnNumbers.computeIfAbsent(
                2 * feature + (nanGoesLeft ? 1 : 0), wanted -> columnNumbers.size());
    }

    private static long node(int threshold, int left, int column) {
        return ((long) threshold << 32) | ((long) left << FIELD_BITS) | column;
    }

    private void sumLeaves() {
        if (leafWeights.length == 0) {
            return;
        }
        for (int at = 0; at < starts[trees.trees()]; at++) {
            int node = originals[at];
            for (int w = trees.weightStart(node); w < trees.weightStart(node + 1); w++) {
                leafWeights[at] += trees.weight(w);
            }
        }
    }

    private void listColumns() {
        columnFeatures = new int[columnNumbers.size()];
        columnNans = new int[columnNumbers.size()];
        columnNumbers.forEach(
                (wanted, column) -> {
                    columnFeatures[column] = wanted / 2;
                    columnNans[column] = wanted % 2 == 1 ? Integer.MIN_VALUE : NEVER;
                });
    }
}
