package dev.millrace.local.demo;

import static dev.millrace.gpu.testing.OnnxModelBuilder.ROWS;
import static dev.millrace.gpu.testing.OnnxModelBuilder.attribute;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.millrace.gpu.testing.OnnxModelBuilder;
import dev.millrace.local.demo.BoostedTrees.Node;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;

/**
 * Trains the demo's fraud model on the demo's own transactions: 100 boosted trees of depth 6 on the
 * record's fields and on the amount relative to what the card usually pays, which the model
 * computes itself.
 */
final class FraudModelTrainer {
    /** Not the demo's seed: the demo shows transactions that the model has not seen. */
    static final long SEED = 20_261;

    private static final int TRANSACTIONS = 1_000_000;
    private static final int HONEST_STRIDE = 25;
    private static final int TREES = 100;
    private static final int DEPTH = 6;

    private FraudModelTrainer() {}

    /** Returns the model as an ONNX file. The same bytes every time. */
    static byte[] train(Schema schema) throws IOException {
        Transactions transactions = new Transactions(SEED);
        GenericDatumReader<GenericRecord> reader = new GenericDatumReader<>(schema);
        List<float[]> rows = new ArrayList<>();
        List<Double> answers = new ArrayList<>();
        for (int number = 0; number < TRANSACTIONS; number++) {
            boolean theft = transactions.isTheft(number);
            if (!theft && number % HONEST_STRIDE > 0) {
                continue;
            }
            byte[] bytes = transactions.encode(number);
            GenericRecord record =
                    reader.read(null, DecoderFactory.get().binaryDecoder(bytes, null));
            rows.add(withRatio(FraudFeatures.of(record)));
            answers.add(theft ? 1.0 : 0.0);
        }
        double[] wanted = answers.stream().mapToDouble(Double::doubleValue).toArray();
        double[] weights = answers.stream().mapToDouble(a -> a > 0 ? 1 : HONEST_STRIDE).toArray();
        return export(
                new BoostedTrees(rows.toArray(new float[0][]), wanted, weights, TREES, DEPTH));
    }

    private static float[] withRatio(float[] features) {
        float[] row = new float[features.length + 1];
        System.arraycopy(features, 0, row, 0, features.length);
        row[features.length] =
                features[FraudFeatures.AMOUNT]
                        / Math.max(features[FraudFeatures.AVERAGE_AMOUNT], 1);
        return row;
    }

    private static byte[] export(BoostedTrees forest) {
        OnnxModelBuilder model = new OnnxModelBuilder("fraud");
        model.input("features", DataType.FLOAT, ROWS, FraudFeatures.PATHS.size());
        model.output("fraud", DataType.FLOAT, ROWS, 1);
        model.longs("amountColumn", new long[] {FraudFeatures.AMOUNT}, 1);
        model.longs("averageColumn", new long[] {FraudFeatures.AVERAGE_AMOUNT}, 1);
        model.floats("one", new float[] {1}, 1);
        AttributeProto columns = attribute("axis", 1L);
        model.node("Gather", List.of("features", "amountColumn"), List.of("amount"), columns);
        model.node("Gather", List.of("features", "averageColumn"), List.of("average"), columns);
        model.node("Max", List.of("average", "one"), List.of("divisor"));
        model.node("Div", List.of("amount", "divisor"), List.of("ratio"));
        model.node("Concat", List.of("features", "ratio"), List.of("columns"), columns);
        model.mlNode(
                "TreeEnsembleRegressor",
                List.of("columns"),
                List.of("logit"),
                new TreeAttributes(forest).list());
        // Not the regressor's post_transform: ONNX Runtime ignores LOGISTIC for a single target.
        model.node("Sigmoid", List.of("logit"), List.of("fraud"));
        return model.build();
    }

    /** A forest as the attributes of an ONNX tree ensemble. */
    private static final class TreeAttributes {
        private final List<Long> treeIds = new ArrayList<>();
        private final List<Long> nodeIds = new ArrayList<>();
        private final List<Long> features = new ArrayList<>();
        private final List<Float> thresholds = new ArrayList<>();
        private final List<String> modes = new ArrayList<>();
        private final List<Long> yesIds = new ArrayList<>();
        private final List<Long> noIds = new ArrayList<>();
        private final List<Long> leafTrees = new ArrayList<>();
        private final List<Long> leafNodes = new ArrayList<>();
        private final List<Float> leafWeights = new ArrayList<>();
        private final float base;

        TreeAttributes(BoostedTrees forest) {
            base = forest.base();
            for (int tree = 0; tree < forest.trees().size(); tree++) {
                List<Node> nodes = forest.trees().get(tree);
                for (int id = 0; id < nodes.size(); id++) {
                    add(tree, id, nodes.get(id));
                }
            }
        }

        private void add(long tree, long id, Node node) {
            treeIds.add(tree);
            nodeIds.add(id);
            features.add(node.isLeaf() ? 0L : node.feature());
            thresholds.add(node.threshold());
            modes.add(node.isLeaf() ? "LEAF" : "BRANCH_LEQ");
            yesIds.add((long) node.yes());
            noIds.add((long) node.no());
            if (node.isLeaf()) {
                leafTrees.add(tree);
                leafNodes.add(id);
                leafWeights.add(node.weight());
            }
        }

        AttributeProto[] list() {
            return new AttributeProto[] {
                attribute("n_targets", 1L),
                attribute("post_transform", "NONE"),
                attribute("base_values", new float[] {base}),
                attribute("nodes_treeids", longs(treeIds)),
                attribute("nodes_nodeids", longs(nodeIds)),
                attribute("nodes_featureids", longs(features)),
                attribute("nodes_values", floats(thresholds)),
                attribute("nodes_modes", modes),
                attribute("nodes_truenodeids", longs(yesIds)),
                attribute("nodes_falsenodeids", longs(noIds)),
                attribute("target_treeids", longs(leafTrees)),
                attribute("target_nodeids", longs(leafNodes)),
                attribute("target_ids", new long[leafTrees.size()]),
                attribute("target_weights", floats(leafWeights))
            };
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
}
