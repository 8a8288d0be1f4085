package dev.millrace.gpu.conformance;

import static dev.millrace.gpu.conformance.TestingNodeTests.floats;
import static dev.millrace.gpu.conformance.TestingNodeTests.longs;
import static dev.millrace.gpu.conformance.TestingNodeTests.strings;
import static dev.millrace.gpu.testing.OnnxModelBuilder.ROWS;
import static dev.millrace.gpu.testing.OnnxModelBuilder.attribute;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.millrace.gpu.conformance.Outcome.Verdict;
import dev.millrace.gpu.testing.OnnxModelBuilder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Node tests on the portable engine: some made here, with ONNX Runtime's outputs as the expected
 * ones, and any folder of them that the property {@code millrace.conformance} or the variable
 * {@code MILLRACE_CONFORMANCE} names.
 */
class PortableConformanceTest {
    private static final String ENGINE = "cpu";
    private static final long SEED = 19;

    @TempDir private Path folder;
    private final Random random = new Random(SEED);

    @Test
    void folderPassesOrIsRefusedByName() throws Exception {
        Optional<Path> given = NodePlans.namedFolder();
        assumeTrue(given.isPresent(), "no folder is named by millrace.conformance");
        Conformance conformance = new Conformance(ENGINE, Tolerance.ONNX);
        List<NodeTest> tests = NodeTest.below(given.orElseThrow());
        assertThat(tests).isNotEmpty();
        for (NodeTest test : tests) {
            Outcome outcome = conformance.run(test);
            assertThat(outcome.verdict())
                    .as("%s: %s", test.name(), outcome.reason())
                    .isNotEqualTo(Verdict.FAILED);
        }
    }

    @Test
    void scoresMatricesAndImages() throws Exception {
        TensorProto matrix = randomFloats(3, 4);
        add("softmax", single("Softmax", DataType.FLOAT, 3, 4), matrix);
        add(
                "softmax_axis_0",
                model().input("x", DataType.FLOAT, 3, 4)
                        .output("y", DataType.FLOAT)
                        .node("Softmax", List.of("x"), List.of("y"), attribute("axis", 0L)),
                matrix);
        add("transpose", single("Transpose", DataType.FLOAT, 3, 4), matrix);
        add("relu", single("Relu", DataType.FLOAT, 3, 4), matrix);
        add("reduce_mean", single("ReduceMean", DataType.FLOAT, 3, 4), matrix);
        add("argmax", single("ArgMax", DataType.INT64, 3, 4), matrix);
        add(
                "gemm",
                model().input("a", DataType.FLOAT, 3, 4)
                        .input("b", DataType.FLOAT, 4, 2)
                        .input("c", DataType.FLOAT, 2)
                        .output("y", DataType.FLOAT)
                        .node("Gemm", List.of("a", "b", "c"), List.of("y")),
                matrix,
                randomFloats(4, 2),
                randomFloats(2));
        add(
                "conv",
                model().input("x", DataType.FLOAT, 1, 2, 5, 5)
                        .input("w", DataType.FLOAT, 3, 2, 3, 3)
                        .output("y", DataType.FLOAT)
                        .node(
                                "Conv",
                                List.of("x", "w"),
                                List.of("y"),
                                attribute("pads", new long[] {1, 1, 1, 1}),
                                attribute("strides", new long[] {2, 1})),
                randomFloats(1, 2, 5, 5),
                randomFloats(3, 2, 3, 3));
        add(
                "lstm",
                model().input("x", DataType.FLOAT, 3, 2, 4)
                        .input("w", DataType.FLOAT, 1, 12, 4)
                        .input("r", DataType.FLOAT, 1, 12, 3)
                        .output("y", DataType.FLOAT)
                        .node(
                                "LSTM",
                                List.of("x", "w", "r"),
                                List.of("y"),
                                attribute("hidden_size", 3L)),
                randomFloats(3, 2, 4),
                randomFloats(1, 12, 4),
                randomFloats(1, 12, 3));
        allPass(9);
    }

    @Test
    void sizesComeFromInputs() throws Exception {
        add(
                "reshape",
                model().input("x", DataType.FLOAT, 2, 6)
                        .input("shape", DataType.INT64, 3)
                        .output("y", DataType.FLOAT)
                        .node("Reshape", List.of("x", "shape"), List.of("y")),
                randomFloats(2, 6),
                longs(List.of(3), 3, -1, 2));
        add(
                "slice",
                model().input("x", DataType.FLOAT, 4, 6)
                        .input("starts", DataType.INT64, 2)
                        .input("ends", DataType.INT64, 2)
                        .output("y", DataType.FLOAT)
                        .node("Slice", List.of("x", "starts", "ends"), List.of("y")),
                randomFloats(4, 6),
                longs(List.of(2), 1, -3),
                longs(List.of(2), 3, 1000));
        add(
                "expand",
                model().input("x", DataType.FLOAT, 3, 1)
                        .input("shape", DataType.INT64, 3)
                        .output("y", DataType.FLOAT)
                        .node("Expand", List.of("x", "shape"), List.of("y")),
                randomFloats(3, 1),
                longs(List.of(3), 2, 1, 4));
        allPass(3);
    }

    @Test
    void encodesLabels() throws Exception {
        TensorProto words = strings(List.of(5), "b", "a", "?", "c", "b");
        AttributeProto keys = attribute("keys_strings", List.of("a", "b", "c"));
        AttributeProto integers = attribute("values_int64s", new long[] {3, 1, 2});
        addEncoder("strings_to_integers", DataType.STRING, DataType.INT64, words, keys, integers);
        addEncoder(
                "strings_to_integers_or_42",
                DataType.STRING,
                DataType.INT64,
                words,
                keys,
                integers,
                attribute("default_int64", 42L));
        addEncoder(
                "strings_to_floats",
                DataType.STRING,
                DataType.FLOAT,
                words,
                keys,
                attribute("values_floats", new float[] {0.5f, -1, 7}));
        addEncoder(
                "strings_to_shorts",
                DataType.STRING,
                DataType.INT16,
                words,
                keys,
                tensor("values_tensor", shorts(5, 6, 7)),
                tensor("default_tensor", shorts(9)));
        addEncoder(
                "integers_to_strings",
                DataType.INT64,
                DataType.STRING,
                longs(List.of(4), 2, 7, 2, 0),
                attribute("keys_int64s", new long[] {2, 0}),
                attribute("values_strings", List.of("two", "zero")),
                attribute("default_string", "many"));
        addEncoder(
                "floats_to_strings",
                DataType.FLOAT,
                DataType.STRING,
                floats(List.of(3), 0.5f, 2, -0f),
                attribute("keys_floats", new float[] {0.5f, 0}),
                attribute("values_strings", List.of("half", "none")),
                attribute("default_string", "other"));
        addEncoder(
                "strings_to_strings",
                DataType.STRING,
                DataType.STRING,
                words,
                keys,
                attribute("values_strings", List.of("x", "y", "z")),
                attribute("default_string", "b"));
        addEncoder(
                "key_given_twice",
                DataType.STRING,
                DataType.INT64,
                words,
                attribute("keys_strings", List.of("a", "b", "a")),
                attribute("values_int64s", new long[] {4, 5, 6}));
        allPass(8);
    }

    @Test
    void classifiesWithLabelsOfStrings() throws Exception {
        AttributeProto labels = attribute("classlabels_strings", List.of("low", "mid", "high"));
        add(
                "linear",
                model().input("x", DataType.FLOAT, ROWS, 4)
                        .output("label", DataType.STRING, ROWS)
                        .output("scores", DataType.FLOAT, ROWS, 3)
                        .mlNode(
                                "LinearClassifier",
                                List.of("x"),
                                List.of("label", "scores"),
                                attribute("coefficients", randomArray(12)),
                                attribute("intercepts", randomArray(3)),
                                attribute("post_transform", "SOFTMAX"),
                                labels),
                randomFloats(6, 4));
        add(
                "trees",
                model().input("x", DataType.FLOAT, ROWS, 2)
                        .output("label", DataType.STRING, ROWS)
                        .output("scores", DataType.FLOAT, ROWS, 3)
                        .mlNode(
                                "TreeEnsembleClassifier",
                                List.of("x"),
                                List.of("label", "scores"),
                                stump(labels)),
                floats(List.of(3, 2), 0, 0, 1, 0, Float.NaN, 0));
        allPass(2);
    }

    private static AttributeProto[] stump(AttributeProto labels) {
        return new AttributeProto[] {
            labels,
            attribute("nodes_treeids", new long[3]),
            attribute("nodes_nodeids", new long[] {0, 1, 2}),
            attribute("nodes_featureids", new long[3]),
            attribute("nodes_values", new float[] {0.5f, 0, 0}),
            attribute("nodes_modes", List.of("BRANCH_LT", "LEAF", "LEAF")),
            attribute("nodes_truenodeids", new long[] {1, 0, 0}),
            attribute("nodes_falsenodeids", new long[] {2, 0, 0}),
            attribute("nodes_missing_value_tracks_true", new long[] {1, 0, 0}),
            attribute("class_treeids", new long[4]),
            attribute("class_nodeids", new long[] {1, 1, 2, 2}),
            attribute("class_ids", new long[] {1, 2, 2, 0}),
            attribute("class_weights", new float[] {-0.5f, -1, 2, 1})
        };
    }

    private void addEncoder(
            String name,
            DataType from,
            DataType to,
            TensorProto input,
            AttributeProto... attributes)
            throws Exception {
        int size = (int) input.getDims(0);
        OnnxModelBuilder model = model().opsets(17, 4);
        model.input("x", from, size).output("y", to, size);
        model.mlNode("LabelEncoder", List.of("x"), List.of("y"), attributes);
        add(name, model, input);
    }

    private static OnnxModelBuilder model() {
        return new OnnxModelBuilder("node");
    }

    private static OnnxModelBuilder single(String operator, DataType to, int... shape) {
        OnnxModelBuilder model = model().input("x", DataType.FLOAT, shape).output("y", to);
        return model.node(operator, List.of("x"), List.of("y"));
    }

    /** Writes a node test whose outputs are ONNX Runtime's. */
    private void add(String name, OnnxModelBuilder model, TensorProto... inputs) throws Exception {
        byte[] bytes = model.build();
        TestModel given = TestModel.of(name, name, ModelProto.parseFrom(bytes), List.of(inputs));
        while (given.integerInput().isPresent() && given.inputs().size() > 1) {
            given = given.withConstant(given.integerInput().get());
        }
        List<TensorProto> outputs = new ArrayList<>();
        for (TestTensor output : new EngineScoring("onnxruntime", false).score(given)) {
            outputs.add(TestingNodeTests.proto(output));
        }
        TestingNodeTests.write(folder, name, bytes, List.of(inputs), outputs);
    }

    private void allPass(int count) throws Exception {
        Conformance conformance = new Conformance(ENGINE, Tolerance.ONNX);
        List<NodeTest> tests = NodeTest.below(folder);
        assertThat(tests).hasSize(count);
        for (NodeTest test : tests) {
            Outcome outcome = conformance.run(test);
            assertThat(outcome.verdict())
                    .as("%s: %s", test.name(), outcome.reason())
                    .isEqualTo(Verdict.PASSED);
        }
    }

    private TensorProto randomFloats(Integer... shape) {
        int elements = 1;
        for (int extent : shape) {
            elements *= extent;
        }
        return floats(List.of(shape), randomArray(elements));
    }

    private float[] randomArray(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private static TensorProto.Builder shorts(int... values) {
        TensorProto.Builder tensor =
                TensorProto.newBuilder().setDataType(DataType.INT16_VALUE).addDims(values.length);
        for (int value : values) {
            tensor.addInt32Data(value);
        }
        return tensor;
    }

    private static AttributeProto tensor(String name, TensorProto.Builder tensor) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeType.TENSOR)
                .setT(tensor)
                .build();
    }
}
