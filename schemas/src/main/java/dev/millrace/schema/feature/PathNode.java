package dev.millrace.schema.feature;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The paths of a feature spec as a tree: what is wanted below each field. Compile time only. */
final class PathNode {
    private final String path;
    private final Map<String, PathNode> children = new LinkedHashMap<>();
    private final List<FeatureTarget> targets = new ArrayList<>();

    private PathNode(String path) {
        this.path = path;
    }

    static PathNode of(FeatureSpec spec) {
        PathNode root = new PathNode("");
        for (int tensor = 0; tensor < spec.tensors().size(); tensor++) {
            TensorFeatures input = spec.tensors().get(tensor);
            int offset = 0;
            for (Feature feature : input.features()) {
                int elements = input.elements(feature);
                FeatureTarget target =
                        new FeatureTarget(feature, input.layout(), tensor, offset, elements);
                root.add(feature.segments(), target);
                offset += target.bytes();
            }
        }
        return root;
    }

    private void add(List<String> segments, FeatureTarget target) {
        PathNode node = this;
        for (String segment : segments) {
            String below = node.path.isEmpty() ? segment : node.path + "." + segment;
            node = node.children.computeIfAbsent(segment, name -> new PathNode(below));
        }
        node.targets.add(target);
    }

    /** The path down to here, dotted; empty for the record itself. */
    String path() {
        return path;
    }

    Map<String, PathNode> children() {
        return children;
    }

    /** What the value at exactly this path feeds. */
    List<FeatureTarget> targets() {
        return targets;
    }

    /** What values at this path and below feed. */
    List<FeatureTarget> allTargets() {
        List<FeatureTarget> all = new ArrayList<>(targets);
        for (PathNode child : children.values()) {
            all.addAll(child.allTargets());
        }
        return all;
    }
}
