package dev.millrace.local.demo;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Gradient boosting for a yes-or-no answer: regression trees on the logistic loss, splits found in
 * histograms. Deterministic: the same rows give the same trees on every machine.
 */
final class BoostedTrees {
    private static final double LEARNING_RATE = 0.1;
    private static final double REGULARISATION = 1;
    private static final double LEAST_CURVATURE = 2;
    private static final double LEAST_GAIN = 1e-3;
    private static final long SEED = 17;

    /**
     * A node of a tree; children are positions in the tree's list.
     *
     * @param feature the column compared, or -1 in a leaf
     * @param threshold rows with a value up to it go to {@code yes}
     * @param yes child of rows that are below
     * @param no child of rows that are above
     * @param weight what a leaf adds
     */
    record Node(int feature, float threshold, int yes, int no, float weight) {
        boolean isLeaf() {
            return feature < 0;
        }
    }

    private final double base;
    private final List<List<Node>> trees = new ArrayList<>();

    /**
     * Trains.
     *
     * @param rows the rows' values
     * @param answers 1 for yes, 0 for no
     * @param weights how many rows each row stands for
     */
    BoostedTrees(float[][] rows, double[] answers, double[] weights, int rounds, int depth) {
        double yes = 0;
        double all = 0;
        for (int row = 0; row < rows.length; row++) {
            yes += answers[row] * weights[row];
            all += weights[row];
        }
        base = StrictMath.log(yes / (all - yes));
        Bins bins = new Bins(rows);
        SplittableRandom random = new SplittableRandom(SEED);
        double[] scores = new double[rows.length];
        Arrays.fill(scores, base);
        for (int round = 0; round < rounds; round++) {
            boolean[] usable = new boolean[rows[0].length];
            for (int feature = 0; feature < usable.length; feature++) {
                usable[feature] = random.nextInt(3) > 0;
            }
            TreeGrower grower = new TreeGrower(bins, usable, scores, answers, weights, depth);
            trees.add(grower.grow());
            grower.addTo(scores);
        }
    }

    /** What every row starts from, before the trees. */
    float base() {
        return (float) base;
    }

    List<List<Node>> trees() {
        return trees;
    }

    /** Each column's values in up to 64 ranges of about the same number of rows. */
    private static final class Bins {
        private static final int COUNT = 64;

        private final byte[][] binByFeature;
        private final float[][] upperByFeature;

        Bins(float[][] rows) {
            int features = rows[0].length;
            binByFeature = new byte[features][rows.length];
            upperByFeature = new float[features][];
            for (int feature = 0; feature < features; feature++) {
                float[] sorted = new float[rows.length];
                for (int row = 0; row < rows.length; row++) {
                    sorted[row] = rows[row][feature];
                }
                Arrays.sort(sorted);
                float[] upper = uppers(sorted);
                upperByFeature[feature] = upper;
                for (int row = 0; row < rows.length; row++) {
                    int place = Arrays.binarySearch(upper, rows[row][feature]);
                    binByFeature[feature][row] = (byte) (place >= 0 ? place : -place - 1);
                }
            }
        }

        private static float[] uppers(float[] sorted) {
            float[] upper = new float[COUNT];
            int count = 0;
            for (int bin = 1; bin <= COUNT; bin++) {
                float value = sorted[(int) ((long) bin * sorted.length / COUNT) - 1];
                if (count == 0 || value > upper[count - 1]) {
                    upper[count++] = value;
                }
            }
            return Arrays.copyOf(upper, count);
        }
    }

    /** Grows one tree, level by level. */
    private static final class TreeGrower {
        private final Bins bins;
        private final boolean[] usable;
        private final int depth;
        private final double[] gradient;
        private final double[] curvature;
        private final int[] nodeOfRow;
        private final List<Node> nodes = new ArrayList<>();

        TreeGrower(
                Bins bins,
                boolean[] usable,
                double[] scores,
                double[] answers,
                double[] weights,
                int depth) {
            this.bins = bins;
            this.usable = usable;
            this.depth = depth;
            gradient = new double[scores.length];
            curvature = new double[scores.length];
            nodeOfRow = new int[scores.length];
            for (int row = 0; row < scores.length; row++) {
                double probability = 1 / (1 + StrictMath.exp(-scores[row]));
                gradient[row] = weights[row] * (probability - answers[row]);
                curvature[row] = weights[row] * probability * (1 - probability);
            }
        }

        List<Node> grow() {
            int[] all = new int[nodeOfRow.length];
            Arrays.setAll(all, row -> row);
            nodes.add(null);
            grow(0, all, 0);
            return nodes;
        }

        void addTo(double[] scores) {
            for (int row = 0; row < scores.length; row++) {
                scores[row] += nodes.get(nodeOfRow[row]).weight();
            }
        }

        private void grow(int node, int[] rows, int level) {
            double slope = 0;
            double bend = 0;
            for (int row : rows) {
                slope += gradient[row];
                bend += curvature[row];
                nodeOfRow[row] = node;
            }
            Split split = level == depth ? Split.NONE : bestSplit(rows, slope, bend);
            if (split.gain() <= LEAST_GAIN) {
                double weight = -slope / (bend + REGULARISATION) * LEARNING_RATE;
                nodes.set(node, new Node(-1, 0, 0, 0, (float) weight));
                return;
            }
            byte[] bin = bins.binByFeature[split.feature()];
            int[] below = Arrays.stream(rows).filter(row -> bin[row] <= split.bin()).toArray();
            int[] above = Arrays.stream(rows).filter(row -> bin[row] > split.bin()).toArray();
            int yes = nodes.size();
            nodes.add(null);
            nodes.add(null);
            float threshold = bins.upperByFeature[split.feature()][split.bin()];
            nodes.set(node, new Node(split.feature(), threshold, yes, yes + 1, 0));
            grow(yes, below, level + 1);
            grow(yes + 1, above, level + 1);
        }

        private record Split(int feature, int bin, double gain) {
            private static final Split NONE = new Split(-1, 0, 0);
        }

        private Split bestSplit(int[] rows, double slope, double bend) {
            Split best = Split.NONE;
            for (int feature = 0; feature < usable.length; feature++) {
                if (usable[feature]) {
                    Split split = bestSplit(feature, rows, slope, bend);
                    best = split.gain() > best.gain() ? split : best;
                }
            }
            return best;
        }

        private Split bestSplit(int feature, int[] rows, double slope, double bend) {
            double[] slopes = new double[Bins.COUNT];
            double[] bends = new double[Bins.COUNT];
            byte[] bin = bins.binByFeature[feature];
            for (int row : rows) {
                slopes[bin[row]] += gradient[row];
                bends[bin[row]] += curvature[row];
            }
            Split best = Split.NONE;
            double slopeBelow = 0;
            double bendBelow = 0;
            for (int i = 0; i < bins.upperByFeature[feature].length - 1; i++) {
                slopeBelow += slopes[i];
                bendBelow += bends[i];
                double bendAbove = bend - bendBelow;
                if (bendBelow < LEAST_CURVATURE || bendAbove < LEAST_CURVATURE) {
                    continue;
                }
                double gain =
                        quality(slopeBelow, bendBelow)
                                + quality(slope - slopeBelow, bendAbove)
                                - quality(slope, bend);
                best = gain > best.gain() ? new Split(feature, i, gain) : best;
            }
            return best;
        }

        private static double quality(double slope, double bend) {
            return slope * slope / (bend + REGULARISATION);
        }
    }
}
