package dev.millrace.gpu.lowering;

import static dev.millrace.gpu.testing.OnnxModelBuilder.attribute;

import ai.onnx.proto.OnnxMl.AttributeProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Trees of random shape, with every mode, as attributes of ONNX nodes. */
final class RandomForest {
    private static final List<String> MODES =
            List.of(
                    "BRANCH_LEQ",
                    "BRANCH_LT",
                    "BRANCH_GTE",
                    "BRANCH_GT",
                    "BRANCH_EQ",
                    "BRANCH_NEQ");

    private final Random random;
    private final int features;
    private final List<Long> treeIds = new ArrayList<>();
    private final List<Long> nodeIds = new ArrayList<>();
    private final List<Long> featureIds = new ArrayList<>();
    private final List<Float> values = new ArrayList<>();
    private final List<String> modes = new ArrayList<>();
    private final List<Long> trueIds = new ArrayList<>();
    private final List<Long> falseIds = new ArrayList<>();
    private final List<Long> missing = new ArrayList<>();
    private final List<Long> leafTrees = new ArrayList<>();
    private final List<Long> leafNodes = new ArrayList<>();
    private final List<Long> leafTargets = new ArrayList<>();
    private final List<Float> leafWeights = new ArrayList<>();

    /**
     * @param targets what each leaf speaks for
     * @param positive whether weights are positive
     */
    RandomForest(
            Random random,
            int features,
            int trees,
            int depth,
            List<Integer> targets,
            boolean positive) {
        this.random = random;
        this.features = features;
        for (int tree = 0; tree < trees; tree++) {
            long[] next = {0};
            grow(tree, next, depth, targets, positive);
        }
    }

    private long grow(int tree, long[] next, int depth, List<Integer> targets, boolean positive) {
        long id = next[0]++;
        int at = treeIds.size();
        treeIds.add((long) tree);
        nodeIds.add(id);
        trueIds.add(0L);
        falseIds.add(0L);
        boolean leaf = depth == 0 || random.nextInt(6) == 0;
        featureIds.add(leaf ? 0L : random.nextInt(features));
        values.add(leaf ? 0f : random.nextInt(-4, 5) / 2f);
        missing.add((long) random.nextInt(2));
        modes.add(leaf ? "LEAF" : MODES.get(random.nextInt(MODES.size())));
        if (leaf) {
            for (int target : targets) {
                leafTrees.add((long) tree);
                leafNodes.add(id);
                leafTargets.add((long) target);
                float weight = (float) random.nextGaussian();
                leafWeights.add(positive ? Math.abs(weight) / 10 : weight);
            }
            return id;
        }
        long whenTrue = grow(tree, next, depth - 1, targets, positive);
        trueIds.set(at, whenTrue);
        falseIds.set(at, grow(tree, next, depth - 1, targets, positive));
        return id;
    }

    AttributeProto[] attributes(String role, AttributeProto... more) {
        List<AttributeProto> attributes = new ArrayList<>(List.of(more));
        attributes.add(attribute("nodes_treeids", longs(treeIds)));
        attributes.add(attribute("nodes_nodeids", longs(nodeIds)));
        attributes.add(attribute("nodes_featureids", longs(featureIds)));
        attributes.add(attribute("nodes_values", floats(values)));
        attributes.add(attribute("nodes_modes", modes));
        attributes.add(attribute("nodes_truenodeids", longs(trueIds)));
        attributes.add(attribute("nodes_falsenodeids", longs(falseIds)));
        attributes.add(attribute("nodes_missing_value_tracks_true", longs(missing)));
        attributes.add(attribute(role + "_treeids", longs(leafTrees)));
        attributes.add(attribute(role + "_nodeids", longs(leafNodes)));
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
