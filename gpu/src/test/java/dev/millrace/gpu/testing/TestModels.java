package dev.millrace.gpu.testing;

import static dev.millrace.gpu.testing.OnnxModelBuilder.ROWS;
import static dev.millrace.gpu.testing.OnnxModelBuilder.attribute;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.millrace.gpu.engine.ModelArtifact;
import java.util.List;
import java.util.Random;

/** Small models of the usual kinds, with random weights from a fixed seed. */
public final class TestModels {
    private static final long SEED = 7;

    private TestModels() {}

    /**
     * A multilayer perceptron: Gemm and Relu between, Sigmoid at the end of a single output,
     * Softmax otherwise. Input {@code features}, output {@code scores}.
     *
     * @param sizes features, hidden sizes, scores; for example 30, 64, 32, 1
     */
    public static ModelArtifact mlp(int... sizes) {
        OnnxModelBuilder model = new OnnxModelBuilder("mlp");
        int last = sizes.length - 1;
        model.input("features", DataType.FLOAT, ROWS, sizes[0]);
        model.output("scores", DataType.FLOAT, ROWS, sizes[last]);
        String current = "features";
        for (int layer = 1; layer <= last; layer++) {
            String dense = layer == last ? "logits" : "dense" + layer;
            dense(model, layer, current, dense, sizes[layer - 1], sizes[layer]);
            current = dense;
            if (layer < last) {
                current = "relu" + layer;
                model.node("Relu", List.of(dense), List.of(current));
            }
        }
        String activation = sizes[last] == 1 ? "Sigmoid" : "Softmax";
        model.node(activation, List.of("logits"), List.of("scores"));
        return model.artifact();
    }

    /** One Gemm without an activation. Input {@code features}, output {@code scores}. */
    public static ModelArtifact linear(int features, int scores) {
        OnnxModelBuilder model = new OnnxModelBuilder("linear");
        model.input("features", DataType.FLOAT, ROWS, features);
        model.output("scores", DataType.FLOAT, ROWS, scores);
        dense(model, 1, "features", "scores", features, scores);
        return model.artifact();
    }

    private static void dense(
            OnnxModelBuilder model, int layer, String input, String output, int from, int to) {
        Random random = new Random(SEED + layer);
        model.floats("weights" + layer, gaussian(random, from * to, 1 / Math.sqrt(from)), to, from);
        model.floats("bias" + layer, gaussian(random, to, 0.1), to);
        model.node(
                "Gemm",
                List.of(input, "weights" + layer, "bias" + layer),
                List.of(output),
                attribute("transB", 1L));
    }

    private static float[] gaussian(Random random, int count, double scale) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (random.nextGaussian() * scale);
        }
        return values;
    }

    /**
     * Two inputs: one int64 index into an embedding of {@code items} rows, named "item", and {@code
     * features}. Output {@code scores} [1]. An index outside the embedding is an error of its row.
     */
    public static ModelArtifact embedding(int items, int width, int features) {
        OnnxModelBuilder model = new OnnxModelBuilder("embedding");
        model.input("item", DataType.INT64, ROWS, 1);
        model.input("features", DataType.FLOAT, ROWS, features);
        model.output("scores", DataType.FLOAT, ROWS, 1);
        model.floats("table", gaussian(new Random(SEED), items * width, 1), items, width);
        model.longs("axis", new long[] {1}, 1);
        model.node("Squeeze", List.of("item", "axis"), List.of("index"));
        model.node("Gather", List.of("table", "index"), List.of("embedded"));
        model.node(
                "Concat",
                List.of("embedded", "features"),
                List.of("joined"),
                attribute("axis", 1L));
        dense(model, 1, "joined", "logits", width + features, 1);
        model.node("Sigmoid", List.of("logits"), List.of("scores"));
        return model.artifact();
    }

    /**
     * A tree ensemble with the class labels {@code ok} and {@code fraud}, and a ZipMap, as
     * scikit-learn's exporter writes it. Input {@code features}; outputs {@code label} (string) and
     * {@code probabilities} (map).
     */
    public static ModelArtifact treeClassifier(int features, int trees, int depth) {
        OnnxModelBuilder model = new OnnxModelBuilder("trees");
        List<String> labels = List.of("ok", "fraud");
        model.input("features", DataType.FLOAT, ROWS, features);
        model.output("label", DataType.STRING, ROWS);
        model.mapOutput("probabilities");
        model.mlNode(
                "TreeEnsembleClassifier",
                List.of("features"),
                List.of("label", "tensor"),
                new RandomTrees(features, trees, depth, SEED)
                        .attributes(
                                "class",
                                attribute("classlabels_strings", labels),
                                attribute("post_transform", "LOGISTIC")));
        model.mlNode(
                "ZipMap",
                List.of("tensor"),
                List.of("probabilities"),
                attribute("classlabels_strings", labels));
        return model.artifact();
    }

    /** A tree ensemble that sums leaves. Input {@code features}, output {@code scores} [1]. */
    public static ModelArtifact treeRegressor(int features, int trees, int depth) {
        OnnxModelBuilder model = new OnnxModelBuilder("regressor");
        model.input("features", DataType.FLOAT, ROWS, features);
        model.output("scores", DataType.FLOAT, ROWS, 1);
        AttributeProto[] attributes =
                new RandomTrees(features, trees, depth, SEED)
                        .attributes("target", attribute("n_targets", 1L));
        model.mlNode("TreeEnsembleRegressor", List.of("features"), List.of("scores"), attributes);
        return model.artifact();
    }

    /**
     * A string input {@code channel}, one-hot encoded among POS, ECOM, ATM and MOTO, beside two
     * floats {@code features}; unknown channels are all zeros. Output {@code scores} [1].
     */
    public static ModelArtifact stringEncoder() {
        OnnxModelBuilder model = new OnnxModelBuilder("strings");
        model.input("channel", DataType.STRING, ROWS, 1);
        model.input("features", DataType.FLOAT, ROWS, 2);
        model.output("scores", DataType.FLOAT, ROWS, 1);
        model.mlNode(
                "OneHotEncoder",
                List.of("channel"),
                List.of("hot"),
                attribute("cats_strings", List.of("POS", "ECOM", "ATM", "MOTO")),
                attribute("zeros", 1L));
        model.longs("hotShape", new long[] {-1, 4}, 2);
        model.node("Reshape", List.of("hot", "hotShape"), List.of("columns"));
        model.node(
                "Concat", List.of("columns", "features"), List.of("joined"), attribute("axis", 1L));
        dense(model, 1, "joined", "logits", 6, 1);
        model.node("Sigmoid", List.of("logits"), List.of("scores"));
        return model.artifact();
    }
}
