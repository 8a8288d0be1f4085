package dev.millrace.gpu.check;

import dev.millrace.gpu.engine.ModelArtifact;
import dev.millrace.gpu.testing.TestModels;

/** A model that engines are measured with on a GPU. */
enum CheckedModel {
    MLP_30_64_32_1("mlp 30-64-32-1"),
    MLP_100_256_128_64_1("mlp 100-256-128-64-1"),
    MLP_784_32_32_10("mlp 784-32-32-10"),
    TREES_100X6("trees 30 100 6"),
    TREES_500X6("trees 100 500 6"),
    TREES_1000X8("trees 100 1000 8");

    private final String specification;

    CheckedModel(String specification) {
        this.specification = specification;
    }

    /** Kind and sizes, as {@code torch-bench.py} understands them, too. */
    String specification() {
        return specification;
    }

    /** Whether the goal of 0.8 of the copy limit is meant for it. */
    boolean isSmallPerceptron() {
        return this == MLP_30_64_32_1 || this == MLP_100_256_128_64_1;
    }

    ModelArtifact artifact() {
        String[] words = specification.split("[ -]", -1);
        int[] sizes = new int[words.length - 1];
        for (int i = 0; i < sizes.length; i++) {
            sizes[i] = Integer.parseInt(words[i + 1]);
        }
        if (words[0].equals("trees")) {
            return TestModels.treeRegressor(sizes[0], sizes[1], sizes[2]);
        }
        return TestModels.mlp(sizes);
    }
}
