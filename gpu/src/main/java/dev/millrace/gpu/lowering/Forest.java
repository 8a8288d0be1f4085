package dev.millrace.gpu.lowering;

import dev.millrace.gpu.model.Trees;
import java.util.ArrayList;
import java.util.List;

/**
 * The trees of a node, numbered as a plan wants them: each tree by itself, children after their
 * parent, the false child right after the true one.
 */
final class Forest {
    /** Depth and breadth are the file's choice; this many nodes are 4 GiB and more. */
    private static final int MOST_NODES = 1 << 26;

    private final int[] roots;
    private final List<Trees.Node> nodes;

    private Forest(int[] roots, List<Trees.Node> nodes) {
        this.roots = roots;
        this.nodes = nodes;
    }

    /**
     * @param given nodes whose children are numbers in this list
     * @param givenRoots numbers in this list
     */
    static Forest of(List<Trees.Node> given, List<Integer> givenRoots) {
        List<Trees.Node> nodes = new ArrayList<>();
        int[] roots = new int[givenRoots.size()];
        boolean[] seen = new boolean[given.size()];
        for (int tree = 0; tree < roots.length; tree++) {
            roots[tree] = nodes.size();
            addTree(given, givenRoots.get(tree), nodes, seen);
        }
        return new Forest(roots, nodes);
    }

    private static void addTree(
            List<Trees.Node> given, int root, List<Trees.Node> nodes, boolean[] seen) {
        List<Integer> order = new ArrayList<>(List.of(root));
        int start = nodes.size();
        for (int place = 0; place < order.size(); place++) {
            int id = order.get(place);
            Refusal.unless(id >= 0 && id < given.size(), "there is no tree node %d", id);
            Trees.Node node = given.get(id);
            if (node.mode() != Trees.Mode.LEAF) {
                Refusal.unless(!seen[id], "tree node %d has two parents", id);
                Refusal.unless(start + order.size() < MOST_NODES, "there are too many tree nodes");
                seen[id] = true;
                order.add(node.trueChild());
                order.add(node.falseChild());
                node = withChildren(node, start + order.size() - 2);
            }
            nodes.add(node);
        }
    }

    private static Trees.Node withChildren(Trees.Node node, int first) {
        return new Trees.Node(
                node.mode(),
                node.feature(),
                node.threshold(),
                node.members(),
                first,
                first + 1,
                node.missingTrue(),
                node.weights());
    }

    static Trees.Node leaf(List<Trees.LeafWeight> weights) {
        return new Trees.Node(Trees.Mode.LEAF, 0, 0, List.of(), -1, -1, false, weights);
    }

    /** Number of each tree's root. */
    int[] roots() {
        return roots.clone();
    }

    List<Trees.Node> nodes() {
        return nodes;
    }

    /** Which targets a record gets a weight for: from any leaf it may reach, or from all. */
    boolean[] spoken(int targets, boolean always) {
        boolean[] spoken = new boolean[targets];
        for (int tree = 0; tree < roots.length; tree++) {
            boolean[] here = spokenByTree(tree, targets, always);
            for (int target = 0; target < targets; target++) {
                spoken[target] |= here[target];
            }
        }
        return spoken;
    }

    private boolean[] spokenByTree(int tree, int targets, boolean always) {
        int end = tree + 1 < roots.length ? roots[tree + 1] : nodes.size();
        int leaves = 0;
        int[] counts = new int[targets];
        for (Trees.Node node : nodes.subList(roots[tree], end)) {
            if (node.mode() == Trees.Mode.LEAF) {
                leaves++;
                node.weights().stream()
                        .mapToInt(Trees.LeafWeight::target)
                        .distinct()
                        .forEach(target -> counts[target]++);
            }
        }
        boolean[] spoken = new boolean[targets];
        for (int target = 0; target < targets; target++) {
            spoken[target] = always ? counts[target] == leaves : counts[target] > 0;
        }
        return spoken;
    }

    /** With further targets that count the leaves that spoke for each target. */
    Forest withCounts(int targets) {
        List<Trees.Node> counting = new ArrayList<>();
        for (Trees.Node node : nodes) {
            if (node.mode() != Trees.Mode.LEAF) {
                counting.add(node);
                continue;
            }
            List<Trees.LeafWeight> weights = new ArrayList<>(node.weights());
            node.weights().forEach(w -> weights.add(new Trees.LeafWeight(targets + w.target(), 1)));
            counting.add(leaf(weights));
        }
        return new Forest(roots, counting);
    }

    /** Refuses features that the input does not have, and weights that no sum can hold. */
    void check(int features, int targets) {
        for (Trees.Node node : nodes) {
            boolean branch = node.mode() != Trees.Mode.LEAF;
            Refusal.unless(
                    !branch || (node.feature() >= 0 && node.feature() < features),
                    "a tree asks for feature %d of %d",
                    node.feature(),
                    features);
            for (Trees.LeafWeight weight : node.weights()) {
                Refusal.unless(
                        weight.target() >= 0 && weight.target() < targets,
                        "a leaf speaks for target %d of %d",
                        weight.target(),
                        targets);
                Refusal.unless(
                        Double.isFinite(weight.weight()), "a leaf weighs %s", weight.weight());
            }
        }
    }
}
