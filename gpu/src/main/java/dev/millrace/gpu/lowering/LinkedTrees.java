package dev.millrace.gpu.lowering;

import dev.millrace.gpu.model.Tensor;
import dev.millrace.gpu.model.Trees;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Trees as {@code TreeEnsemble} has them: branches and leaves in lists of their own, linked. */
final class LinkedTrees {
    private static final Trees.Mode[] MODES = {
        Trees.Mode.LESS_OR_EQUAL,
        Trees.Mode.LESS,
        Trees.Mode.GREATER_OR_EQUAL,
        Trees.Mode.GREATER,
        Trees.Mode.EQUAL,
        Trees.Mode.NOT_EQUAL,
        Trees.Mode.MEMBER
    };

    private final NodeContext node;
    private final boolean doubleFeatures;

    private LinkedTrees(NodeContext node, boolean doubleFeatures) {
        this.node = node;
        this.doubleFeatures = doubleFeatures;
    }

    static Forest read(NodeContext node, boolean doubleFeatures) {
        return new LinkedTrees(node, doubleFeatures).forest();
    }

    private Forest forest() {
        node.ignoreAttributes("nodes_hitrates");
        Tensor modes = tensor("nodes_modes");
        Tensor splits = tensor("nodes_splits");
        int branches = modes.elements();
        long[] features = integers("nodes_featureids", branches);
        long[] trueIds = integers("nodes_truenodeids", branches);
        long[] falseIds = integers("nodes_falsenodeids", branches);
        long[] trueLeafs = integers("nodes_trueleafs", branches);
        long[] falseLeafs = integers("nodes_falseleafs", branches);
        long[] missing =
                node.integers("nodes_missing_value_tracks_true").orElse(new long[branches]);
        Refusal.unless(
                splits.elements() == branches && missing.length == branches,
                "nodes_splits and nodes_missing_value_tracks_true have %d and %d elements for %d nodes",
                splits.elements(),
                missing.length,
                branches);
        List<List<Double>> members = members(modes);
        List<Trees.Node> nodes = new ArrayList<>();
        for (int i = 0; i < branches; i++) {
            nodes.add(
                    new Trees.Node(
                            mode(modes.longAt(i)),
                            Math.toIntExact(features[i]),
                            number(splits, i),
                            members.get(i),
                            child(trueIds[i], trueLeafs[i], branches),
                            child(falseIds[i], falseLeafs[i], branches),
                            missing[i] != 0,
                            List.of()));
        }
        addLeaves(nodes);
        long[] roots = node.integers("tree_roots").orElse(new long[0]);
        Refusal.unless(roots.length > 0, "it has no trees");
        return Forest.of(nodes, Arrays.stream(roots).mapToObj(Math::toIntExact).toList());
    }

    private static Trees.Mode mode(long number) {
        Refusal.unless(number >= 0 && number < MODES.length, "node mode %d is none", number);
        return MODES[(int) number];
    }

    private static int child(long number, long leaf, int branches) {
        return Math.toIntExact(leaf != 0 ? branches + number : number);
    }

    private void addLeaves(List<Trees.Node> nodes) {
        Tensor weights = tensor("leaf_weights");
        long[] targets = integers("leaf_targetids", weights.elements());
        for (int leaf = 0; leaf < targets.length; leaf++) {
            nodes.add(
                    Forest.leaf(
                            List.of(
                                    new Trees.LeafWeight(
                                            Math.toIntExact(targets[leaf]),
                                            weights.asDouble(leaf)))));
        }
    }

    /** The sets follow one another in the order of the nodes, each ended by a NaN. */
    private List<List<Double>> members(Tensor modes) {
        List<Double> values = new ArrayList<>();
        node.tensor("membership_values")
                .ifPresent(
                        tensor -> {
                            for (int i = 0; i < tensor.elements(); i++) {
                                values.add(number(tensor, i));
                            }
                        });
        List<List<Double>> members = new ArrayList<>();
        int next = 0;
        for (int i = 0; i < modes.elements(); i++) {
            List<Double> set = new ArrayList<>();
            if (mode(modes.longAt(i)) == Trees.Mode.MEMBER) {
                while (next < values.size() && !Double.isNaN(values.get(next))) {
                    set.add(values.get(next++));
                }
                next++;
            }
            set.sort(Double::compare);
            members.add(set);
        }
        return members;
    }

    /** Compared with features of single precision, so in single precision. */
    private double number(Tensor tensor, int index) {
        return doubleFeatures ? tensor.asDouble(index) : (float) tensor.asDouble(index);
    }

    private Tensor tensor(String name) {
        return node.tensor(name).orElseThrow(() -> new Refusal(name + " is missing"));
    }

    private long[] integers(String name, int count) {
        long[] integers = node.integers(name).orElse(new long[0]);
        Refusal.unless(
                integers.length == count,
                "%s has %d elements, not %d",
                name,
                integers.length,
                count);
        return integers;
    }
}
