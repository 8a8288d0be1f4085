package dev.millrace.gpu.lowering;

import dev.millrace.gpu.model.Tensor;
import dev.millrace.gpu.model.Trees;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Trees as {@code TreeEnsembleClassifier} and {@code TreeEnsembleRegressor} list them: parallel
 * arrays of nodes, and of leaf weights that name their node.
 */
final class ListedTrees {
    private record Place(long tree, long node) {}

    private final NodeContext node;
    private final boolean doubleFeatures;
    private final long[] treeIds;
    private final long[] nodeIds;
    private final Map<Place, Integer> numbers = new HashMap<>();

    private ListedTrees(NodeContext node, boolean doubleFeatures) {
        this.node = node;
        this.doubleFeatures = doubleFeatures;
        this.treeIds = node.integers("nodes_treeids").orElse(new long[0]);
        this.nodeIds = node.integers("nodes_nodeids").orElse(new long[0]);
        Refusal.unless(treeIds.length > 0, "it has no trees");
        length("nodes_nodeids", nodeIds.length);
        for (int i = 0; i < treeIds.length; i++) {
            Integer before = numbers.put(new Place(treeIds[i], nodeIds[i]), i);
            Refusal.unless(
                    before == null, "node %d of tree %d stands twice", nodeIds[i], treeIds[i]);
        }
    }

    /**
     * @param role prefix of the leaves' attributes: {@code class} or {@code target}
     */
    static Forest read(NodeContext node, String role, boolean doubleFeatures) {
        return new ListedTrees(node, doubleFeatures).forest(role);
    }

    /** Numbers given as floats or, in newer versions, as a tensor of doubles. */
    static Optional<double[]> numbers(NodeContext node, String name) {
        Optional<Tensor> tensor = node.tensor(name + "_as_tensor");
        Optional<float[]> reals = node.reals(name);
        if (tensor.isPresent() && tensor.get().elements() > 0) {
            double[] numbers = new double[tensor.get().elements()];
            for (int i = 0; i < numbers.length; i++) {
                numbers[i] = tensor.get().asDouble(i);
            }
            return Optional.of(numbers);
        }
        return reals.map(
                floats -> {
                    double[] numbers = new double[floats.length];
                    for (int i = 0; i < numbers.length; i++) {
                        numbers[i] = floats[i];
                    }
                    return numbers;
                });
    }

    private Forest forest(String role) {
        node.ignoreAttributes("nodes_hitrates", "nodes_hitrates_as_tensor");
        List<String> modes = node.texts("nodes_modes").orElse(List.of());
        long[] features = node.integers("nodes_featureids").orElse(new long[0]);
        double[] values = numbers(node, "nodes_values").orElse(new double[0]);
        long[] trueIds = node.integers("nodes_truenodeids").orElse(new long[0]);
        long[] falseIds = node.integers("nodes_falsenodeids").orElse(new long[0]);
        long[] missing =
                node.integers("nodes_missing_value_tracks_true").orElse(new long[treeIds.length]);
        length("nodes_modes", modes.size());
        length("nodes_featureids", features.length);
        length("nodes_values", values.length);
        length("nodes_truenodeids", trueIds.length);
        length("nodes_falsenodeids", falseIds.length);
        length("nodes_missing_value_tracks_true", missing.length);
        List<List<Trees.LeafWeight>> weights = weights(role);
        List<Trees.Node> nodes = new ArrayList<>();
        for (int i = 0; i < treeIds.length; i++) {
            Trees.Mode mode = mode(modes.get(i));
            if (mode == Trees.Mode.LEAF) {
                nodes.add(Forest.leaf(weights.get(i)));
                continue;
            }
            nodes.add(
                    new Trees.Node(
                            mode,
                            Math.toIntExact(features[i]),
                            doubleFeatures ? values[i] : (float) values[i],
                            List.of(),
                            number(treeIds[i], trueIds[i]),
                            number(treeIds[i], falseIds[i]),
                            missing[i] != 0,
                            List.of()));
        }
        return Forest.of(nodes, roots(nodes));
    }

    private void length(String attribute, int length) {
        Refusal.unless(
                length == treeIds.length,
                "%s has %d elements for %d nodes",
                attribute,
                length,
                treeIds.length);
    }

    private int number(long tree, long nodeId) {
        Integer number = numbers.get(new Place(tree, nodeId));
        Refusal.unless(number != null, "tree %d has no node %d", tree, nodeId);
        return number;
    }

    private static Trees.Mode mode(String name) {
        return switch (name) {
            case "LEAF" -> Trees.Mode.LEAF;
            case "BRANCH_LEQ" -> Trees.Mode.LESS_OR_EQUAL;
            case "BRANCH_LT" -> Trees.Mode.LESS;
            case "BRANCH_GTE" -> Trees.Mode.GREATER_OR_EQUAL;
            case "BRANCH_GT" -> Trees.Mode.GREATER;
            case "BRANCH_EQ" -> Trees.Mode.EQUAL;
            case "BRANCH_NEQ" -> Trees.Mode.NOT_EQUAL;
            default -> throw new Refusal("node mode '%s' is not covered".formatted(name));
        };
    }

    private List<List<Trees.LeafWeight>> weights(String role) {
        long[] trees = node.integers(role + "_treeids").orElse(new long[0]);
        long[] nodes = node.integers(role + "_nodeids").orElse(new long[0]);
        long[] targets = node.integers(role + "_ids").orElse(new long[0]);
        double[] weights = numbers(node, role + "_weights").orElse(new double[0]);
        Refusal.unless(
                trees.length == nodes.length
                        && trees.length == targets.length
                        && trees.length == weights.length,
                "%s_treeids, _nodeids, _ids and _weights have %d, %d, %d and %d elements",
                role,
                trees.length,
                nodes.length,
                targets.length,
                weights.length);
        List<List<Trees.LeafWeight>> byNode = new ArrayList<>();
        for (int i = 0; i < treeIds.length; i++) {
            byNode.add(new ArrayList<>());
        }
        for (int i = 0; i < trees.length; i++) {
            byNode.get(number(trees[i], nodes[i]))
                    .add(new Trees.LeafWeight(Math.toIntExact(targets[i]), weights[i]));
        }
        return byNode;
    }

    /** Per tree, in order of appearance, the first node that is nobody's child. */
    private List<Integer> roots(List<Trees.Node> nodes) {
        Set<Integer> children = new HashSet<>();
        for (Trees.Node each : nodes) {
            if (each.mode() != Trees.Mode.LEAF) {
                children.add(each.trueChild());
                children.add(each.falseChild());
            }
        }
        Map<Long, Integer> roots = new LinkedHashMap<>();
        Set<Long> trees = new HashSet<>();
        for (int i = 0; i < nodes.size(); i++) {
            trees.add(treeIds[i]);
            if (!children.contains(i)) {
                roots.putIfAbsent(treeIds[i], i);
            }
        }
        Refusal.unless(roots.size() == trees.size(), "a tree has no root: its nodes form a cycle");
        return List.copyOf(roots.values());
    }
}
