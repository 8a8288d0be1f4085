package dev.millrace.gpu.cuda.kernel;

import dev.millrace.gpu.model.Trees;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * An ensemble as tables for the device. The two children of a branch lie side by side, the true one
 * first, so that a node names one of them only. Trees that share nodes get copies.
 *
 * <p>A compact node has 8 bytes: the threshold, and a word of leaf (1 bit), where NaN goes (1),
 * feature (12) and child counted from the tree's root (18). A wide node has 16: the threshold as a
 * double, a word of leaf, where NaN goes, mode (3) and feature (27), and the child's number.
 */
final class TreeTables {
    private static final int COMPACT_FEATURES = 1 << 12;
    private static final int COMPACT_TREE_NODES = 1 << 18;
    private static final int MOST_NODES = 1 << 26;
    private static final int LEAF = 1 << 31;
    private static final int MISSING_TRUE = 1 << 30;

    private final Trees trees;
    private final List<Integer> order = new ArrayList<>();
    private final List<Integer> childOf = new ArrayList<>();
    private final int[] roots;
    private final List<Double> members = new ArrayList<>();
    private final Trees.Mode uniformMode;
    private final boolean compact;

    TreeTables(Trees trees, boolean doubleFeatures) {
        this.trees = trees;
        this.roots = new int[trees.trees()];
        int largest = 0;
        for (int tree = 0; tree < roots.length; tree++) {
            roots[tree] = order.size();
            append(trees.root(tree));
            largest = Math.max(largest, order.size() - roots[tree]);
        }
        this.uniformMode = uniformMode(trees);
        this.compact =
                uniformMode != Trees.Mode.MEMBER
                        && !doubleFeatures
                        && trees.features() <= COMPACT_FEATURES
                        && largest <= COMPACT_TREE_NODES;
    }

    /** The mode of all branches, MEMBER where they differ. */
    private static Trees.Mode uniformMode(Trees trees) {
        for (Trees.Mode mode : Trees.Mode.values()) {
            if (mode != Trees.Mode.LEAF && trees.uniformMode(mode)) {
                return mode;
            }
        }
        return Trees.Mode.MEMBER;
    }

    /** Appends a tree, breadth first. */
    private void append(int root) {
        int next = order.size();
        order.add(root);
        childOf.add(-1);
        while (next < order.size()) {
            int node = order.get(next);
            if (trees.mode(node) != Trees.Mode.LEAF) {
                if (order.size() >= MOST_NODES) {
                    throw new IllegalArgumentException(
                            "A tree ensemble with more than " + MOST_NODES + " nodes");
                }
                childOf.set(next, order.size());
                order.add(trees.trueChild(node));
                order.add(trees.falseChild(node));
                childOf.add(-1);
                childOf.add(-1);
            }
            next++;
        }
    }

    /** The C++ class that reads a node. */
    String nodeType() {
        return compact ? "MrCompact<" + modeNumber(uniformMode) + ">" : "MrWide";
    }

    /** Whether every leaf adds exactly one weight to the only target. */
    boolean oneWeightPerLeaf() {
        boolean one = trees.targets() == 1;
        for (int node : order) {
            if (trees.mode(node) == Trees.Mode.LEAF) {
                one &= trees.weightStart(node + 1) - trees.weightStart(node) == 1;
            }
        }
        return one;
    }

    ByteBuffer nodes() {
        ByteBuffer bytes = buffer((compact ? 8 : 16) * order.size());
        for (int tree = 0; tree < roots.length; tree++) {
            int end = tree + 1 < roots.length ? roots[tree + 1] : order.size();
            for (int at = roots[tree]; at < end; at++) {
                if (compact) {
                    putCompact(bytes, at, roots[tree]);
                } else {
                    putWide(bytes, at);
                }
            }
        }
        return bytes;
    }

    private void putCompact(ByteBuffer bytes, int at, int root) {
        int node = order.get(at);
        if (trees.mode(node) == Trees.Mode.LEAF) {
            bytes.putInt(8 * at, trees.weightStart(node)).putInt(8 * at + 4, leafWord(node));
            return;
        }
        int word = trees.feature(node) << 18 | (childOf.get(at) - root);
        bytes.putFloat(8 * at, (float) trees.threshold(node));
        bytes.putInt(8 * at + 4, word | (trees.missingTrue(node) ? MISSING_TRUE : 0));
    }

    private void putWide(ByteBuffer bytes, int at) {
        int node = order.get(at);
        if (trees.mode(node) == Trees.Mode.LEAF) {
            bytes.putInt(16 * at + 8, leafWord(node)).putInt(16 * at + 12, trees.weightStart(node));
            return;
        }
        if (trees.mode(node) == Trees.Mode.MEMBER) {
            double[] set = trees.members(node);
            bytes.putInt(16 * at, members.size()).putInt(16 * at + 4, set.length);
            for (double member : set) {
                members.add(member);
            }
        } else {
            bytes.putDouble(16 * at, trees.threshold(node));
        }
        int word = modeNumber(trees.mode(node)) << 27 | trees.feature(node);
        bytes.putInt(16 * at + 8, word | (trees.missingTrue(node) ? MISSING_TRUE : 0));
        bytes.putInt(16 * at + 12, childOf.get(at));
    }

    private int leafWord(int node) {
        return LEAF | (trees.weightStart(node + 1) - trees.weightStart(node));
    }

    /** As in mr_branch of millrace_kernels.cuh. */
    private static int modeNumber(Trees.Mode mode) {
        return switch (mode) {
            case LESS_OR_EQUAL -> 1;
            case LESS -> 2;
            case GREATER_OR_EQUAL -> 3;
            case GREATER -> 4;
            case EQUAL -> 5;
            case NOT_EQUAL -> 6;
            case MEMBER -> 7;
            case LEAF -> throw new IllegalArgumentException("A leaf does not branch");
        };
    }

    ByteBuffer roots() {
        ByteBuffer bytes = buffer(4 * roots.length);
        for (int tree = 0; tree < roots.length; tree++) {
            bytes.putInt(4 * tree, roots[tree]);
        }
        return bytes;
    }

    ByteBuffer weights() {
        ByteBuffer bytes = buffer(8 * trees.weightCount());
        for (int weight = 0; weight < trees.weightCount(); weight++) {
            bytes.putLong(8 * weight, trees.weight(weight));
        }
        return bytes;
    }

    ByteBuffer weightTargets() {
        ByteBuffer bytes = buffer(4 * trees.weightCount());
        for (int weight = 0; weight < trees.weightCount(); weight++) {
            bytes.putInt(4 * weight, trees.weightTarget(weight));
        }
        return bytes;
    }

    ByteBuffer bases() {
        ByteBuffer bytes = buffer(8 * trees.targets());
        for (int target = 0; target < trees.targets(); target++) {
            bytes.putLong(8 * target, trees.base(target));
        }
        return bytes;
    }

    /** The sets of MEMBER branches; complete once {@link #nodes()} was called. */
    ByteBuffer members() {
        ByteBuffer bytes = buffer(8 * members.size());
        for (int member = 0; member < members.size(); member++) {
            bytes.putDouble(8 * member, members.get(member));
        }
        return bytes;
    }

    private static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }
}
