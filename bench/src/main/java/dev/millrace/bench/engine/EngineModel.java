package dev.millrace.bench.engine;

import dev.millrace.gpu.engine.ModelArtifact;
import dev.millrace.gpu.testing.TestModels;
import java.util.Arrays;

/** The models that engines are measured with. */
public enum EngineModel {
    TREES_100X6_30_FEATURES(30, 100, ""),
    TREES_100X6_100_FEATURES(100, 100, ""),
    TREES_500X6_30_FEATURES(30, 500, ""),
    TREES_500X6_100_FEATURES(100, 500, ""),
    MLP_30_64_32_1(0, 0, "30-64-32-1"),
    MLP_100_256_128_64_1(0, 0, "100-256-128-64-1"),
    MLP_784_32_32_10(0, 0, "784-32-32-10");

    private static final int DEPTH = 6;

    private final int features;
    private final int trees;

    /** Widths of a perceptron's layers; empty for trees. */
    private final String layers;

    EngineModel(int features, int trees, String layers) {
        this.features = features;
        this.trees = trees;
        this.layers = layers;
    }

    ModelArtifact artifact() {
        if (layers.isEmpty()) {
            return TestModels.treeRegressor(features, trees, DEPTH);
        }
        return TestModels.mlp(
                Arrays.stream(layers.split("-", -1)).mapToInt(Integer::parseInt).toArray());
    }
}
