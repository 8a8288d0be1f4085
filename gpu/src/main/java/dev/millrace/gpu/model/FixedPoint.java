package dev.millrace.gpu.model;

import java.util.List;

/** The integers that leaf weights become, so that their sum has no order. */
final class FixedPoint {
    /** Sums stay below 2^62: one bit for the sign, one to spare. */
    private static final int SUM_BITS = 62;

    /** Keeps 2^scaleBits and 2^-scaleBits normal doubles. */
    private static final int MOST_SCALE_BITS = 1000;

    private FixedPoint() {}

    /** The largest scale at which no sum over all trees can overflow. */
    static int scaleBits(int[] roots, List<Trees.Node> nodes, double[] baseValues) {
        double bound = 0;
        for (double base : baseValues) {
            bound = Math.max(bound, Math.abs(base));
        }
        bound += largestSum(roots, nodes);
        if (bound == 0) {
            return 0;
        }
        // bound < 2^(exponent + 1); one bit more covers rounding each weight and the bound itself.
        int bits = SUM_BITS - 2 - Math.getExponent(bound);
        return Math.max(-MOST_SCALE_BITS, Math.min(MOST_SCALE_BITS, bits));
    }

    /** {@code value * 2^scaleBits}, rounded to nearest even. */
    static long scaled(double value, int scaleBits) {
        return (long) Math.rint(Math.scalb(value, scaleBits));
    }

    private static double largestSum(int[] roots, List<Trees.Node> nodes) {
        // A leaf may speak for one target more than once, so its weights are added up.
        double[] largestBelow = new double[nodes.size()];
        for (int id = nodes.size() - 1; id >= 0; id--) {
            Trees.Node node = nodes.get(id);
            if (node.mode() == Trees.Mode.LEAF) {
                for (Trees.LeafWeight weight : node.weights()) {
                    largestBelow[id] += Math.abs(weight.weight());
                }
            } else {
                largestBelow[id] =
                        Math.max(largestBelow[node.trueChild()], largestBelow[node.falseChild()]);
            }
        }
        double sum = 0;
        for (int root : roots) {
            sum += largestBelow[root];
        }
        return sum;
    }
}
