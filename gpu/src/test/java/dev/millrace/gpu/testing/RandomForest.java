package dev.millrace.gpu.testing;

import dev.millrace.gpu.model.Trees;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Tree ensembles of any shape, with every mode, NaN direction, and leaves of zero to two weights.
 */
final class RandomForest {
    private final Random random;
    private final int features;
    private final int targets;
    private final boolean doubleFeatures;
    private final List<Trees.Node> nodes = new ArrayList<>();
    private final Trees.Mode uniform;
    private final boolean oneWeight;

    RandomForest(Random random, int features, int targets, boolean doubleFeatures) {
        this.random = random;
        this.features = features;
        this.targets = targets;
        this.doubleFeatures = doubleFeatures;
        Trees.Mode[] modes = Trees.Mode.values();
        this.uniform =
                random.nextBoolean() ? List.of(modes).get(1 + random.nextInt(6)) : Trees.Mode.LEAF;
        this.oneWeight = random.nextBoolean();
    }

    Trees grow(int trees, int depth, Trees.Aggregate aggregate) {
        int[] roots = new int[trees];
        for (int tree = 0; tree < trees; tree++) {
            roots[tree] = nodes.size();
            grow(depth);
        }
        double[] bases = new double[targets];
        for (int target = 0; target < targets; target++) {
            bases[target] = random.nextInt(3) - 1 + random.nextDouble();
        }
        return new Trees(features, targets, doubleFeatures, aggregate, roots, nodes, bases);
    }

    private void grow(int depth) {
        int at = nodes.size();
        nodes.add(null);
        if (depth == 0 || random.nextInt(5) == 0) {
            nodes.set(at, leaf());
            return;
        }
        int whenTrue = nodes.size();
        grow(depth - 1);
        int whenFalse = nodes.size();
        grow(depth - 1);
        Trees.Mode[] modes = Trees.Mode.values();
        Trees.Mode mode =
                uniform == Trees.Mode.LEAF
                        ? List.of(modes).get(1 + random.nextInt(modes.length - 1))
                        : uniform;
        List<Double> members = new ArrayList<>();
        if (mode == Trees.Mode.MEMBER) {
            for (int i = random.nextInt(5); i >= 0; i--) {
                members.add(threshold() + 0.0);
            }
            members.sort(null);
        }
        nodes.set(
                at,
                new Trees.Node(
                        mode,
                        random.nextInt(features),
                        threshold(),
                        members,
                        whenTrue,
                        whenFalse,
                        random.nextBoolean(),
                        List.of()));
    }

    private double threshold() {
        if (random.nextInt(3) == 0) {
            return random.nextInt(5) - 2;
        }
        float value = RandomExprs.anyFloat(random);
        return Float.isNaN(value) ? 1 : value;
    }

    private Trees.Node leaf() {
        List<Trees.LeafWeight> weights = new ArrayList<>();
        int count = oneWeight ? 1 : random.nextInt(3);
        for (int i = 0; i < count; i++) {
            weights.add(new Trees.LeafWeight(random.nextInt(targets), random.nextGaussian()));
        }
        return new Trees.Node(Trees.Mode.LEAF, 0, 0, List.of(), 0, 0, false, weights);
    }
}
