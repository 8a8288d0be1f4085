package dev.millrace.gpu.lowering;

import static dev.millrace.gpu.testing.OnnxModelBuilder.ROWS;
import static dev.millrace.gpu.testing.OnnxModelBuilder.attribute;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.testing.OnnxModelBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TreeOpsTest {
    private static final int FEATURES = 5;
    private static final int ROW_COUNT = 40;
    private static final long SEED = 5;

    private final Random random = new Random(SEED);

    @ParameterizedTest
    @ValueSource(strings = {"SUM", "AVERAGE", "MIN", "MAX"})
    void regressorsAgree(String aggregate) throws Exception {
        for (int targets : new int[] {1, 3}) {
            for (DataType type : List.of(DataType.FLOAT, DataType.DOUBLE)) {
                for (boolean based : new boolean[] {false, true}) {
                    List<AttributeProto> more = new ArrayList<>();
                    more.add(attribute("n_targets", (long) targets));
                    more.add(attribute("aggregate_function", aggregate));
                    if (based) {
                        more.add(attribute("base_values", randomFloats(targets)));
                    }
                    RandomForest forest = forest(targets, false);
                    OnnxModelBuilder model = new OnnxModelBuilder("regressor");
                    model.input("x", type, ROWS, FEATURES);
                    model.output("y", DataType.FLOAT, ROWS, targets);
                    model.mlNode(
                            "TreeEnsembleRegressor",
                            List.of("x"),
                            List.of("y"),
                            forest.attributes("target", more.toArray(new AttributeProto[0])));
                    check(model);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT"})
    void classifiersOfManyClassesAgree(String transform) throws Exception {
        for (int bases : new int[] {0, 4}) {
            for (List<Integer> spoken : List.of(List.of(0, 1, 2, 3), List.of(1, 3))) {
                classifier(transform, 4, spoken, bases, false);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO"})
    void classifiersOfTwoClassesAgree(String transform) throws Exception {
        for (int bases : new int[] {0, 1, 2}) {
            for (List<Integer> spoken : List.of(List.of(0), List.of(1), List.of(0, 1))) {
                for (boolean positive : new boolean[] {false, true}) {
                    if (bases < 2 || spoken.equals(List.of(0))) {
                        classifier(transform, 2, spoken, bases, positive);
                    }
                }
            }
        }
    }

    @Test
    void labelsOfTwoClassesAreTheModelsOwn() throws Exception {
        long[] labels = {7, 3};
        for (List<Integer> spoken : List.of(List.of(0), List.of(1))) {
            check(classifierModel(labels, "NONE", spoken, 0, false));
        }
        // Where both classes have weights, ONNX Runtime answers 0 or 1 whatever the labels are.
        OnnxModelBuilder both = classifierModel(labels, "NONE", List.of(0, 1), 0, false);
        against(both).withExpected(index -> labels[(int) index]).agrees();
    }

    @Test
    void refusesTwoBaseValuesWhereBothClassesHaveWeights() {
        assertThatThrownBy(() -> classifier("NONE", 2, List.of(0, 1), 2, false))
                .isInstanceOf(NotCoveredException.class)
                .hasMessageContaining("two base values");
    }

    @ParameterizedTest
    @ValueSource(strings = {"NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT"})
    void regressorsWithTransformsAgree(String transform) throws Exception {
        for (int targets : new int[] {1, 3}) {
            OnnxModelBuilder model = new OnnxModelBuilder("regressor");
            model.input("x", DataType.FLOAT, ROWS, FEATURES);
            model.output("y", DataType.FLOAT, ROWS, targets);
            model.mlNode(
                    "TreeEnsembleRegressor",
                    List.of("x"),
                    List.of("y"),
                    forest(targets, true)
                            .attributes(
                                    "target",
                                    attribute("n_targets", (long) targets),
                                    attribute("post_transform", transform)));
            check(model);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 2, 3})
    void linkedTreesWithEveryModeAgree(long aggregate) throws Exception {
        for (DataType type : List.of(DataType.FLOAT, DataType.DOUBLE)) {
            for (int targets : new int[] {1, 2}) {
                LinkedForest forest = new LinkedForest(random, FEATURES, 5, 4, targets, type);
                OnnxModelBuilder model = new OnnxModelBuilder("linked").opsets(17, 5);
                model.input("x", type, ROWS, FEATURES);
                model.output("y", type, ROWS, targets);
                model.mlNode(
                        "TreeEnsemble",
                        List.of("x"),
                        List.of("y"),
                        forest.attributes(
                                attribute("n_targets", (long) targets),
                                attribute("aggregate_function", aggregate)));
                check(model);
            }
        }
    }

    @Test
    void rowsOfAFixedShapeAreScoredOneByOne() throws Exception {
        OnnxModelBuilder model = new OnnxModelBuilder("fixed");
        model.input("x", DataType.FLOAT, 3, FEATURES).output("y", DataType.FLOAT, 3, 2);
        model.mlNode(
                "TreeEnsembleRegressor",
                List.of("x"),
                List.of("y"),
                forest(2, false).attributes("target", attribute("n_targets", 2L)));
        assertThat(Against.ort(model.artifact(), random).agrees().steps()).hasSize(3);
    }

    @Test
    void refusesTreesThatAreNoTrees() {
        assertThatThrownBy(() -> importTree(new long[] {1, 0, 0}, new long[] {2, 1, 0}))
                .hasMessageContaining("cycle");
        assertThatThrownBy(() -> importTree(new long[] {1, 9, 0}, new long[] {2, 2, 0}))
                .hasMessageContaining("tree 0 has no node 9");
    }

    private static void importTree(long[] trueIds, long[] falseIds) throws Exception {
        OnnxModelBuilder model = new OnnxModelBuilder("odd");
        model.input("x", DataType.FLOAT, ROWS, 1).output("y", DataType.FLOAT, ROWS, 1);
        model.mlNode(
                "TreeEnsembleRegressor",
                List.of("x"),
                List.of("y"),
                attribute("nodes_treeids", new long[3]),
                attribute("nodes_nodeids", new long[] {0, 1, 2}),
                attribute("nodes_featureids", new long[3]),
                attribute("nodes_values", new float[3]),
                attribute("nodes_modes", List.of("BRANCH_LEQ", "BRANCH_LEQ", "LEAF")),
                attribute("nodes_truenodeids", trueIds),
                attribute("nodes_falsenodeids", falseIds),
                attribute("target_treeids", new long[1]),
                attribute("target_nodeids", new long[] {2}),
                attribute("target_ids", new long[1]),
                attribute("target_weights", new float[] {1}));
        PlanImporter.importModel(model.artifact(), EngineOptions.of("cpu", 1, 1));
    }

    private void classifier(
            String transform, int classes, List<Integer> spoken, int bases, boolean positive)
            throws Exception {
        long[] labels = IntStream.range(0, classes).asLongStream().toArray();
        check(classifierModel(labels, transform, spoken, bases, positive));
    }

    private OnnxModelBuilder classifierModel(
            long[] labels, String transform, List<Integer> spoken, int bases, boolean positive) {
        int classes = labels.length;
        List<AttributeProto> more = new ArrayList<>();
        more.add(attribute("classlabels_int64s", labels));
        more.add(attribute("post_transform", transform));
        if (bases > 0) {
            more.add(attribute("base_values", randomFloats(bases)));
        }
        RandomForest forest = new RandomForest(random, FEATURES, 7, 4, spoken, positive);
        OnnxModelBuilder model = new OnnxModelBuilder("classifier");
        model.input("x", DataType.FLOAT, ROWS, FEATURES);
        model.output("label", DataType.INT64, ROWS);
        model.output("scores", DataType.FLOAT, ROWS, classes);
        model.mlNode(
                "TreeEnsembleClassifier",
                List.of("x"),
                List.of("label", "scores"),
                forest.attributes("class", more.toArray(new AttributeProto[0])));
        return model;
    }

    private void check(OnnxModelBuilder model) throws Exception {
        against(model).agrees();
    }

    private Against against(OnnxModelBuilder model) throws Exception {
        return Against.ort(model.artifact(), random)
                .with(Against.Values.ADVERSARIAL)
                .withRows(ROW_COUNT)
                .within(1e-3, 1e-4);
    }

    private RandomForest forest(int targets, boolean positive) {
        List<Integer> all = IntStream.range(0, targets).boxed().toList();
        return new RandomForest(random, FEATURES, 7, 4, all, positive);
    }

    private float[] randomFloats(int count) {
        float[] floats = new float[count];
        for (int i = 0; i < count; i++) {
            floats[i] = (float) random.nextGaussian();
        }
        return floats;
    }
}
