package dev.millrace.gpu.lowering;

import static dev.millrace.gpu.testing.OnnxModelBuilder.ROWS;
import static dev.millrace.gpu.testing.OnnxModelBuilder.attribute;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.interpreter.PlanInterpreter;
import dev.millrace.gpu.model.Plan;
import dev.millrace.gpu.testing.OnnxModelBuilder;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MlOpsTest {
    private static final int FEATURES = 6;
    private static final long SEED = 3;

    private final Random random = new Random(SEED);

    @Test
    void scalersAgree() throws Exception {
        for (DataType type : List.of(DataType.FLOAT, DataType.DOUBLE, DataType.INT64)) {
            for (int count : new int[] {1, FEATURES}) {
                check(
                        "Scaler",
                        type,
                        DataType.FLOAT,
                        attribute("offset", floats(count)),
                        attribute("scale", floats(count)));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"MAX", "L1", "L2"})
    void normalizersAgree(String norm) throws Exception {
        for (DataType type : List.of(DataType.FLOAT, DataType.DOUBLE, DataType.INT64)) {
            check("Normalizer", type, DataType.FLOAT, attribute("norm", norm));
        }
    }

    @Test
    void imputersAgree() throws Exception {
        for (float replaced : new float[] {Float.NaN, 0}) {
            for (int count : new int[] {1, FEATURES}) {
                check(
                        "Imputer",
                        DataType.FLOAT,
                        DataType.FLOAT,
                        attribute("replaced_value_float", replaced),
                        attribute("imputed_value_floats", floats(count)));
            }
        }
        check(
                "Imputer",
                DataType.INT64,
                DataType.INT64,
                attribute("replaced_value_int64", 2L),
                attribute("imputed_value_int64s", new long[] {1, 2, 3, 4, 5, 6}));
    }

    @Test
    void binarizersAgree() throws Exception {
        check("Binarizer", DataType.FLOAT, DataType.FLOAT, attribute("threshold", 0.5f));
    }

    @Test
    void oneHotEncodersAgree() throws Exception {
        for (DataType type : List.of(DataType.INT64, DataType.FLOAT)) {
            OnnxModelBuilder model = new OnnxModelBuilder("hot");
            model.input("x", type, ROWS, 2).output("y", DataType.FLOAT, ROWS, 2, 3);
            model.mlNode(
                    "OneHotEncoder",
                    List.of("x"),
                    List.of("y"),
                    attribute("cats_int64s", new long[] {3, -1, 0}));
            Against.ort(model.artifact(), random).withRows(20).agrees();
        }
    }

    @Test
    void oneHotEncoderWithoutZerosBlamesTheRow() throws Exception {
        OnnxModelBuilder model = new OnnxModelBuilder("hot");
        model.input("x", DataType.INT64, ROWS, 1).output("y", DataType.FLOAT, ROWS, 1, 2);
        model.mlNode(
                "OneHotEncoder",
                List.of("x"),
                List.of("y"),
                attribute("cats_int64s", new long[] {5, 7}),
                attribute("zeros", 0L));
        Plan plan = PlanImporter.importModel(model.artifact(), EngineOptions.of("cpu", 1, 1));
        ByteBuffer in = buffer(3 * Long.BYTES);
        ByteBuffer out = buffer(3 * 2 * Float.BYTES);
        long[] rows = {7, 5, 6};
        for (int row = 0; row < rows.length; row++) {
            in.putLong(row * Long.BYTES, rows[row]);
        }
        int fault =
                new PlanInterpreter(plan, 3)
                        .run(new ByteBuffer[] {in}, new ByteBuffer[] {out}, 0, 3);
        assertThat(fault).isEqualTo(2);
        assertThat(out.getFloat(Float.BYTES)).isEqualTo(1f);
        assertThat(out.getFloat(2 * Float.BYTES)).isEqualTo(1f);
    }

    private static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4})
    void labelEncodersAgree(int version) throws Exception {
        long[] integers = {3, -2, 0, 1, 3};
        float[] reals = {0.5f, -1.5f, 0, Float.NaN, 1};
        List<AttributeProto> keys =
                List.of(attribute("keys_int64s", integers), attribute("keys_floats", reals));
        List<AttributeProto> values =
                List.of(attribute("values_int64s", integers), attribute("values_floats", reals));
        for (AttributeProto key : keys) {
            for (AttributeProto value : values) {
                boolean integerKeys = key.getName().contains("int");
                boolean integerValues = value.getName().contains("int");
                if (integerKeys && integerValues) {
                    continue;
                }
                OnnxModelBuilder model = new OnnxModelBuilder("labels").opsets(17, version);
                DataType from = integerKeys ? DataType.INT64 : DataType.FLOAT;
                DataType to = integerValues ? DataType.INT64 : DataType.FLOAT;
                model.input("raw", from, ROWS, FEATURES).output("y", to, ROWS, FEATURES);
                String input = "raw";
                if (!integerKeys) {
                    model.floats("grid", new float[] {0.5f});
                    model.node("Floor", List.of("raw"), List.of("whole"));
                    model.node("Mul", List.of("whole", "grid"), List.of("x"));
                    input = "x";
                }
                model.mlNode(
                        "LabelEncoder",
                        List.of(input),
                        List.of("y"),
                        key,
                        value,
                        integerValues
                                ? attribute("default_int64", -9L)
                                : attribute("default_float", -9f));
                Against.ort(model.artifact(), random)
                        .with(Against.Values.ADVERSARIAL)
                        .withRows(30)
                        .agrees();
            }
        }
    }

    @Test
    void labelEncodersWithTensorsAgree() throws Exception {
        OnnxModelBuilder model = new OnnxModelBuilder("labels").opsets(17, 4);
        model.input("x", DataType.INT64, ROWS, 3).output("y", DataType.DOUBLE, ROWS, 3);
        model.mlNode(
                "LabelEncoder",
                List.of("x"),
                List.of("y"),
                tensor(
                        "keys_tensor",
                        TensorProto.newBuilder()
                                .setDataType(DataType.INT64_VALUE)
                                .addDims(3)
                                .addAllInt64Data(List.of(4L, -4L, 0L))),
                tensor(
                        "values_tensor",
                        TensorProto.newBuilder()
                                .setDataType(DataType.DOUBLE_VALUE)
                                .addDims(3)
                                .addAllDoubleData(List.of(0.1, 0.2, 0.3))),
                tensor(
                        "default_tensor",
                        TensorProto.newBuilder()
                                .setDataType(DataType.DOUBLE_VALUE)
                                .addDims(1)
                                .addDoubleData(-1)));
        Against.ort(model.artifact(), random).withRows(20).agrees();
    }

    private static AttributeProto tensor(String name, TensorProto.Builder tensor) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeType.TENSOR)
                .setT(tensor)
                .build();
    }

    @Test
    void featureVectorizersAgree() throws Exception {
        OnnxModelBuilder model = new OnnxModelBuilder("vectorizer");
        model.input("a", DataType.FLOAT, ROWS, 2).input("b", DataType.FLOAT, ROWS, 3);
        model.output("y", DataType.FLOAT, ROWS, 5);
        model.mlNode(
                "FeatureVectorizer",
                List.of("a", "b"),
                List.of("y"),
                attribute("inputdimensions", new long[] {2, 3}));
        Against.ort(model.artifact(), random).agrees();
    }

    @Test
    void extractorsAgree() throws Exception {
        OnnxModelBuilder constant = new OnnxModelBuilder("constant");
        constant.input("x", DataType.FLOAT, ROWS, 4).output("y", DataType.FLOAT, ROWS, 3);
        constant.longs("chosen", new long[] {3, 0, 3}, 3);
        constant.mlNode("ArrayFeatureExtractor", List.of("x", "chosen"), List.of("y"));
        Against.ort(constant.artifact(), random).agrees();
        OnnxModelBuilder labels = new OnnxModelBuilder("labels");
        labels.input("best", DataType.INT64, ROWS, 1).output("y", DataType.INT64, ROWS);
        labels.longs("classes", new long[] {7, 5, 9, 8}, 4).longs("flat", new long[] {-1}, 1);
        labels.mlNode("ArrayFeatureExtractor", List.of("classes", "best"), List.of("label"));
        labels.node("Reshape", List.of("label", "flat"), List.of("y"));
        Against.ort(labels.artifact(), random).withIntegers(0, 4).withRows(20).agrees();
    }

    @ParameterizedTest
    @ValueSource(strings = {"NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO"})
    void linearModelsAgree(String transform) throws Exception {
        for (int targets : new int[] {1, 2, 3}) {
            OnnxModelBuilder regressor = new OnnxModelBuilder("regressor");
            regressor.input("x", DataType.FLOAT, ROWS, FEATURES);
            regressor.output("y", DataType.FLOAT, ROWS, targets);
            regressor.mlNode(
                    "LinearRegressor",
                    List.of("x"),
                    List.of("y"),
                    attribute("coefficients", floats(targets * FEATURES)),
                    attribute("intercepts", floats(targets)),
                    attribute("targets", (long) targets),
                    attribute("post_transform", transform));
            Against.ort(regressor.artifact(), random).withRows(20).agrees();
            for (DataType type : List.of(DataType.FLOAT, DataType.DOUBLE, DataType.INT64)) {
                linearClassifier(transform, targets, type);
            }
        }
    }

    private void linearClassifier(String transform, int targets, DataType type) throws Exception {
        int classes = Math.max(2, targets);
        OnnxModelBuilder model = new OnnxModelBuilder("classifier");
        model.input("x", type, ROWS, FEATURES);
        model.output("label", DataType.INT64, ROWS);
        model.output("y", DataType.FLOAT, ROWS, classes);
        model.mlNode(
                "LinearClassifier",
                List.of("x"),
                List.of("label", "y"),
                attribute("coefficients", floats(targets * FEATURES)),
                attribute("intercepts", floats(targets)),
                attribute("classlabels_ints", Arrays.copyOf(new long[] {4, 2, 9}, classes)),
                attribute("multi_class", 1L),
                attribute("post_transform", transform));
        Against.ort(model.artifact(), random).withRows(20).agrees();
    }

    @ParameterizedTest
    @ValueSource(strings = {"LINEAR", "POLY", "RBF", "SIGMOID"})
    void supportVectorMachinesAgree(String kernel) throws Exception {
        List<AttributeProto> shared = new ArrayList<>();
        shared.add(attribute("kernel_type", kernel));
        shared.add(attribute("kernel_params", new float[] {0.2f, 0.5f, 3}));
        for (long oneClass = 0; oneClass < 2; oneClass++) {
            OnnxModelBuilder model = new OnnxModelBuilder("regressor");
            model.input("x", DataType.FLOAT, ROWS, FEATURES);
            model.output("y", DataType.FLOAT, ROWS, 1);
            List<AttributeProto> attributes = new ArrayList<>(shared);
            attributes.add(attribute("n_supports", 5L));
            attributes.add(attribute("support_vectors", floats(5 * FEATURES)));
            attributes.add(attribute("coefficients", floats(5)));
            attributes.add(attribute("rho", floats(1)));
            attributes.add(attribute("one_class", oneClass));
            model.mlNode(
                    "SVMRegressor",
                    List.of("x"),
                    List.of("y"),
                    attributes.toArray(new AttributeProto[0]));
            Against.ort(model.artifact(), random).withRows(20).within(1e-3, 1e-4).agrees();
        }
        for (String transform : List.of("NONE", "LOGISTIC")) {
            for (int classes : new int[] {2, 4}) {
                List<AttributeProto> attributes = new ArrayList<>(shared);
                attributes.add(attribute("post_transform", transform));
                classifier(attributes, classes);
            }
        }
    }

    private void classifier(List<AttributeProto> attributes, int classes) throws Exception {
        long[] counts = Arrays.copyOf(new long[] {2, 3, 1, 2}, classes);
        long[] labels = Arrays.copyOf(new long[] {6, 5, 4, 3}, classes);
        int vectors = (int) Arrays.stream(counts).sum();
        int pairs = classes * (classes - 1) / 2;
        attributes.add(attribute("vectors_per_class", counts));
        attributes.add(attribute("classlabels_ints", labels));
        attributes.add(attribute("support_vectors", floats(vectors * FEATURES)));
        attributes.add(attribute("coefficients", floats(vectors * (classes - 1))));
        attributes.add(attribute("rho", floats(pairs)));
        OnnxModelBuilder model = new OnnxModelBuilder("classifier");
        model.input("x", DataType.FLOAT, ROWS, FEATURES);
        model.output("label", DataType.INT64, ROWS);
        model.output("y", DataType.FLOAT, ROWS, Math.max(2, pairs));
        model.mlNode(
                "SVMClassifier",
                List.of("x"),
                List.of("label", "y"),
                attributes.toArray(new AttributeProto[0]));
        Against.ort(model.artifact(), random).withRows(20).within(1e-3, 1e-4).agrees();
    }

    @Test
    void refusesByName() {
        OnnxModelBuilder model = new OnnxModelBuilder("odd");
        model.input("x", DataType.FLOAT, ROWS, 2).output("y", DataType.FLOAT, ROWS, 2);
        model.mlNode("DictVectorizer", List.of("x"), List.of("y"));
        assertThatThrownBy(
                        () ->
                                PlanImporter.importModel(
                                        model.artifact(), EngineOptions.of("cpu", 1, 1)))
                .isInstanceOf(NotCoveredException.class)
                .hasMessageContaining("ai.onnx.ml.DictVectorizer");
    }

    private void check(String operator, DataType from, DataType to, AttributeProto... attributes)
            throws Exception {
        OnnxModelBuilder model = new OnnxModelBuilder(operator);
        model.input("x", from, ROWS, FEATURES).output("y", to, ROWS, FEATURES);
        model.mlNode(operator, List.of("x"), List.of("y"), attributes);
        boolean ordinary = List.of("Normalizer", "Binarizer").contains(operator);
        Against.ort(model.artifact(), random)
                .with(ordinary ? Against.Values.ORDINARY : Against.Values.ADVERSARIAL)
                .withRows(20)
                .agrees();
    }

    private float[] floats(int count) {
        float[] floats = new float[count];
        for (int i = 0; i < count; i++) {
            floats[i] = (float) random.nextGaussian();
        }
        return floats;
    }
}
