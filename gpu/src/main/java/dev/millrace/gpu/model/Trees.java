package dev.millrace.gpu.model;

import java.util.Arrays;
import java.util.List;

/**
 * The contents of a tree ensemble. Immutable. Nodes of all trees are numbered together; a node is
 * either a branch or a leaf.
 *
 * <p><b>Walking.</b> From {@code root(t)} of each tree: at a branch take x = the feature's value
 * (in F32, or F64 if {@code doubleFeatures}); go to {@code trueChild} if {@code x MODE threshold},
 * or if x is NaN and {@code missingTrue}; else to {@code falseChild}. Comparisons with NaN are
 * false but NOT_EQUAL's. Children have larger numbers than their parent.
 *
 * <p><b>Summing.</b> A leaf adds weights, each to one target. Weights are integers: the model's
 * weight times 2^{@code scaleBits}, rounded to nearest even, with scaleBits chosen so that no sum
 * over all trees reaches 2^62. So any order gives the same sum. Per target, with w the leaf weights
 * that the record reached:
 *
 * <ul>
 *   <li>SUM: {@code total = base + sum(w)}
 *   <li>MINIMUM, MAXIMUM: {@code total = base + min(w)} (max), where no leaf spoke {@code base}
 *   <li>AVERAGE: {@code total = sum(w)}
 * </ul>
 *
 * and the score is {@code (double) total * 2^-scaleBits} (the conversion rounds to nearest even,
 * the product is exact), for AVERAGE then {@code / trees + (double) base * 2^-scaleBits}, in
 * double, finally rounded to float where the output is FLOAT32.
 */
public final class Trees {
    /** What a node does. */
    public enum Mode {
        LEAF,
        LESS_OR_EQUAL,
        LESS,
        GREATER_OR_EQUAL,
        GREATER,
        EQUAL,
        NOT_EQUAL,
        /** True if the value is in the node's set. */
        MEMBER
    }

    /** How the leaves of several trees combine. */
    public enum Aggregate {
        SUM,
        AVERAGE,
        MINIMUM,
        MAXIMUM
    }

    /**
     * One node while an ensemble is put together.
     *
     * @param feature for a branch the feature's number
     * @param threshold for a branch the value compared with
     * @param members for MEMBER the set, ascending; else empty
     * @param trueChild for a branch a node number
     * @param falseChild for a branch a node number
     * @param missingTrue for a branch where NaN goes
     * @param weights for a leaf what it adds
     */
    public record Node(
            Mode mode,
            int feature,
            double threshold,
            List<Double> members,
            int trueChild,
            int falseChild,
            boolean missingTrue,
            List<LeafWeight> weights) {
        public Node {
            members = List.copyOf(members);
            weights = List.copyOf(weights);
        }
    }

    /** A leaf's contribution to one target. */
    public record LeafWeight(int target, double weight) {}

    private final int features;
    private final int targets;
    private final boolean doubleFeatures;
    private final Aggregate aggregate;
    private final int scaleBits;
    private final int[] roots;
    private final Mode[] modes;
    private final int[] featureOf;
    private final double[] thresholds;
    private final double[][] members;
    private final int[] trueChildren;
    private final int[] falseChildren;
    private final boolean[] missingTrue;
    private final int[] weightStarts;
    private final int[] weightTargets;
    private final long[] weights;
    private final long[] bases;

    /**
     * @param features number of features of a record
     * @param targets number of scores
     * @param doubleFeatures whether features and thresholds are compared in F64
     * @param roots node number of each tree's root
     * @param baseValues one per target
     */
    public Trees(
            int features,
            int targets,
            boolean doubleFeatures,
            Aggregate aggregate,
            int[] roots,
            List<Node> nodes,
            double[] baseValues) {
        this.features = features;
        this.targets = targets;
        this.doubleFeatures = doubleFeatures;
        this.aggregate = aggregate;
        this.roots = roots.clone();
        int count = nodes.size();
        modes = new Mode[count];
        featureOf = new int[count];
        thresholds = new double[count];
        members = new double[count][];
        trueChildren = new int[count];
        falseChildren = new int[count];
        missingTrue = new boolean[count];
        weightStarts = new int[count + 1];
        int weightCount = nodes.stream().mapToInt(node -> node.weights().size()).sum();
        weightTargets = new int[weightCount];
        weights = new long[weightCount];
        scaleBits = FixedPoint.scaleBits(this.roots, nodes, baseValues);
        for (int id = 0; id < count; id++) {
            fill(id, nodes.get(id));
        }
        bases = new long[targets];
        for (int target = 0; target < targets; target++) {
            bases[target] = FixedPoint.scaled(baseValues[target], scaleBits);
        }
    }

    private void fill(int id, Node node) {
        modes[id] = node.mode();
        featureOf[id] = node.feature();
        thresholds[id] = node.threshold();
        members[id] = node.members().stream().mapToDouble(Double::doubleValue).toArray();
        trueChildren[id] = node.trueChild();
        falseChildren[id] = node.falseChild();
        missingTrue[id] = node.missingTrue();
        int next = weightStarts[id];
        for (LeafWeight weight : node.weights()) {
            weightTargets[next] = weight.target();
            weights[next] = FixedPoint.scaled(weight.weight(), scaleBits);
            next++;
        }
        weightStarts[id + 1] = next;
    }

    public int features() {
        return features;
    }

    public int targets() {
        return targets;
    }

    public boolean doubleFeatures() {
        return doubleFeatures;
    }

    public Aggregate aggregate() {
        return aggregate;
    }

    /** Weights are integers in units of 2^-scaleBits. */
    public int scaleBits() {
        return scaleBits;
    }

    /** 2^-scaleBits, exact. */
    public double scale() {
        return Math.scalb(1.0, -scaleBits);
    }

    public int trees() {
        return roots.length;
    }

    public int nodes() {
        return modes.length;
    }

    public int root(int tree) {
        return roots[tree];
    }

    public Mode mode(int node) {
        return modes[node];
    }

    public int feature(int node) {
        return featureOf[node];
    }

    /** The threshold; with F32 features it is a float's value. */
    public double threshold(int node) {
        return thresholds[node];
    }

    /** The set of a MEMBER node, ascending. A copy. */
    public double[] members(int node) {
        return members[node].clone();
    }

    /** Whether a value is in the set of a MEMBER node. */
    public boolean isMember(int node, double value) {
        for (double member : members[node]) {
            if (member == value) {
                return true;
            }
        }
        return false;
    }

    public int trueChild(int node) {
        return trueChildren[node];
    }

    public int falseChild(int node) {
        return falseChildren[node];
    }

    public boolean missingTrue(int node) {
        return missingTrue[node];
    }

    /** First of a leaf's weights; they end before {@code weightStart(node + 1)}. */
    public int weightStart(int node) {
        return weightStarts[node];
    }

    public int weightCount() {
        return weights.length;
    }

    public int weightTarget(int weight) {
        return weightTargets[weight];
    }

    /** The scaled weight. */
    public long weight(int weight) {
        return weights[weight];
    }

    /** The scaled base value of a target. */
    public long base(int target) {
        return bases[target];
    }

    /** The longest path from a root to a leaf, in branches. */
    public int depth() {
        int[] depths = new int[modes.length];
        int deepest = 0;
        for (int node = 0; node < modes.length; node++) {
            deepest = Math.max(deepest, depths[node]);
            if (modes[node] != Mode.LEAF) {
                int below = depths[node] + 1;
                depths[trueChildren[node]] = Math.max(depths[trueChildren[node]], below);
                depths[falseChildren[node]] = Math.max(depths[falseChildren[node]], below);
            }
        }
        return deepest;
    }

    /** Whether every branch compares with the same mode. */
    public boolean uniformMode(Mode mode) {
        return Arrays.stream(modes).allMatch(each -> each == Mode.LEAF || each == mode);
    }
}
