package dev.millrace.gpu.testing;

import static dev.millrace.gpu.testing.OnnxModelBuilder.attribute;

import ai.onnx.proto.OnnxMl.AttributeProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Complete binary trees with random splits and leaves, as attributes of an ONNX tree ensemble. */
final class RandomTrees {
    private final List<Long> treeIds = new ArrayList<>();
    private final List<Long> nodeIds = new ArrayList<>();
    private final List<Long> featureIds = new ArrayList<>();
    private final List<Float> values = new ArrayList<>();
    private final List<String> modes = new ArrayList<>();
    private final List<Long> trueIds = new ArrayList<>();
    private final List<Long> falseIds = new ArrayList<>();
    private final List<Long> missingTrue = new ArrayList<>();
    private final List<Long> leafTreeIds = new ArrayList<>();
    private final List<Long> leafNodeIds = new ArrayList<>();
    private final List<Long> leafTargets = new ArrayList<>();
    private final List<Float> leafWeights = new ArrayList<>();

    RandomTrees(int features, int trees, int depth, long seed) {
        Random random = new Random(seed);
        int splits = (1 << depth) - 1;
        for (int tree = 0; tree < trees; tree++) {
            for (int node = 0; node < 2 * splits + 1; node++) {
                if (node < splits) {
                    split(random, tree, node, random.nextInt(features));
                } else {
                    leaf(tree, node, (float) (random.nextGaussian() / trees));
                }
            }
        }
    }

    private void split(Random random, int tree, int node, int feature) {
        add(tree, node, feature, (float) random.nextGaussian(), "BRANCH_LEQ");
        trueIds.add(2L * node + 1);
        falseIds.add(2L * node + 2);
        missingTrue.add((long) random.nextInt(2));
    }

    private void leaf(int tree, int node, float weight) {
        add(tree, node, 0, 0, "LEAF");
        trueIds.add(0L);
        falseIds.add(0L);
        missingTrue.add(0L);
        leafTreeIds.add((long) tree);
        leafNodeIds.add((long) node);
        leafTargets.add(0L);
        leafWeights.add(weight);
    }

    private void add(int tree, int node, int feature, float value, String mode) {
        treeIds.add((long) tree);
        nodeIds.add((long) node);
        featureIds.add((long) feature);
        values.add(value);
        modes.add(mode);
    }

    /**
     * @param role prefix of the leaves' attributes: {@code class} or {@code target}
     */
    AttributeProto[] attributes(String role, AttributeProto... more) {
        List<AttributeProto> attributes = new ArrayList<>(List.of(more));
        attributes.add(attribute("nodes_treeids", longs(treeIds)));
        attributes.add(attribute("nodes_nodeids", longs(nodeIds)));
        attributes.add(attribute("nodes_featureids", longs(featureIds)));
        attributes.add(attribute("nodes_values", floats(values)));
        attributes.add(attribute("nodes_modes", modes));
        attributes.add(attribute("nodes_truenodeids", longs(trueIds)));
        attributes.add(attribute("nodes_falsenodeids", longs(falseIds)));
        attributes.add(attribute("nodes_missing_value_tracks_true", longs(missingTrue)));
        attributes.add(attribute(role + "_treeids", longs(leafTreeIds)));
        attributes.add(attribute(role + "_nodeids", longs(leafNodeIds)));
        attributes.add(attribute(role + "_ids", longs(leafTargets)));
        attributes.add(attribute(role + "_weights", floats(leafWeights)));
        return attributes.toArray(new AttributeProto[0]);
    }

    private static long[] longs(List<Long> values) {
        return values.stream().mapToLong(Long::longValue).toArray();
    }

    private static float[] floats(List<Float> values) {
        float[] floats = new float[values.size()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = values.get(i);
        }
        return floats;
    }
}
