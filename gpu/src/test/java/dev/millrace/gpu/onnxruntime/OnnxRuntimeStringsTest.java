package dev.millrace.gpu.onnxruntime;

import static dev.millrace.gpu.testing.OnnxModelBuilder.ROWS;
import static dev.millrace.gpu.testing.OnnxModelBuilder.attribute;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.engine.Engine;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.Engines;
import dev.millrace.gpu.engine.ModelArtifact;
import dev.millrace.gpu.engine.Slot;
import dev.millrace.gpu.engine.TensorSpec;
import dev.millrace.gpu.lowering.PlanImporter;
import dev.millrace.gpu.testing.OnnxModelBuilder;
import dev.millrace.gpu.testing.Rows;
import dev.millrace.gpu.testing.Submission;
import dev.millrace.gpu.testing.TestModels;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Models with strings score as they do in ONNX Runtime with strings. */
class OnnxRuntimeStringsTest {
    private static final List<String> WORDS = List.of("ATM", "POS", "ECOM", "MOTO", "never seen");

    @Test
    void givesLabelsAsCategoriesAndMapsAsNamedColumns() throws Exception {
        givesLabelsAndNamedColumns(TestModels.treeClassifier(6, 10, 4));
    }

    @Test
    void takesModelsThatImportNoStandardOperators() throws Exception {
        ModelArtifact model = TestModels.treeClassifier(6, 10, 4);
        ModelProto.Builder proto = ModelProto.parseFrom(model.content()).toBuilder();
        List<OperatorSetIdProto> imports = proto.getOpsetImportList();
        proto.clearOpsetImport();
        imports.stream().filter(each -> !each.getDomain().isEmpty()).forEach(proto::addOpsetImport);
        assertThat(proto.getOpsetImportCount()).isEqualTo(imports.size() - 1);
        ModelArtifact bare =
                new ModelArtifact("trees", "1", proto.build().toByteArray(), "trees.onnx");
        givesLabelsAndNamedColumns(bare);
        assertThat(PlanImporter.importModel(bare, EngineOptions.of("cpu", 64, 1)).signature())
                .isEqualTo(
                        PlanImporter.importModel(model, EngineOptions.of("cpu", 64, 1))
                                .signature());
    }

    private static void givesLabelsAndNamedColumns(ModelArtifact model) throws Exception {
        int rows = 40;
        float[][] features = new float[rows][6];
        Random random = new Random(3);
        try (Engine engine = open(model)) {
            TensorSpec label = engine.signature().outputs().get(0);
            TensorSpec probabilities = engine.signature().outputs().get(1);
            assertThat(label.type()).isEqualTo(ElementType.CATEGORY);
            assertThat(label.categories()).containsExactly("ok", "fraud");
            assertThat(probabilities.name()).isEqualTo("probabilities");
            assertThat(probabilities.type()).isEqualTo(ElementType.FLOAT32);
            assertThat(probabilities.categories()).containsExactly("ok", "fraud");
            Slot slot = engine.slots().get(0);
            for (int row = 0; row < rows; row++) {
                for (int i = 0; i < 6; i++) {
                    features[row][i] = (float) random.nextGaussian();
                    slot.input(0).putFloat((row * 6 + i) * 4, features[row][i]);
                }
            }
            Submission.of(engine, slot, rows).awaitScored();
            Map<String, Object> plain = PlainOrt.run(model.content(), Map.of("features", features));
            String[] labels = (String[]) plain.get("label");
            List<?> maps = (List<?>) plain.get("probabilities");
            for (int row = 0; row < rows; row++) {
                assertThat(label.categories().get(slot.output(0).getInt(row * 4)))
                        .isEqualTo(labels[row]);
                Map<?, ?> map = ((ai.onnxruntime.OnnxMap) maps.get(row)).getValue();
                assertThat(slot.output(1).getFloat(row * 8)).isEqualTo(map.get("ok"));
                assertThat(slot.output(1).getFloat(row * 8 + 4)).isEqualTo(map.get("fraud"));
            }
            assertThat(labels).contains("ok", "fraud");
        }
    }

    @Test
    void takesStringsOfAOneHotEncoderAsCategories() throws Exception {
        ModelArtifact model = TestModels.stringEncoder();
        try (Engine engine = open(model)) {
            TensorSpec channel = engine.signature().inputs().get(0);
            assertThat(channel.type()).isEqualTo(ElementType.CATEGORY);
            assertThat(channel.categories()).containsExactly("POS", "ECOM", "ATM", "MOTO");
            Slot slot = engine.slots().get(0);
            String[][] words = new String[WORDS.size()][1];
            float[][] features = new float[WORDS.size()][2];
            for (int row = 0; row < WORDS.size(); row++) {
                words[row][0] = WORDS.get(row);
                features[row][1] = row;
                slot.input(0).putInt(row * 4, channel.categories().indexOf(WORDS.get(row)));
                slot.input(1).putFloat(row * 8 + 4, row);
            }
            Submission.of(engine, slot, WORDS.size()).awaitScored();
            float[][] plain =
                    (float[][])
                            PlainOrt.run(
                                            model.content(),
                                            Map.of("channel", words, "features", features))
                                    .get("scores");
            for (int row = 0; row < WORDS.size(); row++) {
                assertThat(slot.output(0).getFloat(row * 4))
                        .isCloseTo(plain[row][0], org.assertj.core.data.Offset.offset(1e-6f));
            }
        }
    }

    @Test
    void mapsStringsToStringsAndNumbersThroughLabelEncoders() throws Exception {
        OnnxModelBuilder builder = new OnnxModelBuilder("labels");
        builder.input("word", DataType.STRING, ROWS, 1);
        builder.output("other", DataType.STRING, ROWS, 1);
        builder.output("number", DataType.FLOAT, ROWS, 1);
        builder.mlNode(
                "LabelEncoder",
                List.of("word"),
                List.of("other"),
                attribute("keys_strings", List.of("POS", "ATM", "MOTO")),
                attribute("values_strings", List.of("shop", "cash", "shop")),
                attribute("default_string", "?"));
        builder.mlNode(
                "LabelEncoder",
                List.of("other"),
                List.of("number"),
                attribute("keys_strings", List.of("cash", "shop", "cash")),
                attribute("values_floats", new float[] {2.5f, -1, 7}),
                attribute("default_float", 9f));
        ModelArtifact model = builder.artifact();
        try (Engine engine = open(model)) {
            TensorSpec word = engine.signature().inputs().get(0);
            TensorSpec other = engine.signature().outputs().get(0);
            assertThat(word.categories()).containsExactly("POS", "ATM", "MOTO");
            assertThat(other.categories()).containsExactly("shop", "cash", "?");
            Slot slot = engine.slots().get(0);
            String[][] words = new String[WORDS.size()][1];
            for (int row = 0; row < WORDS.size(); row++) {
                words[row][0] = WORDS.get(row);
                slot.input(0).putInt(row * 4, word.categories().indexOf(WORDS.get(row)));
            }
            Submission.of(engine, slot, WORDS.size()).awaitScored();
            Map<String, Object> plain = PlainOrt.run(model.content(), Map.of("word", words));
            for (int row = 0; row < WORDS.size(); row++) {
                assertThat(other.categories().get(slot.output(0).getInt(row * 4)))
                        .isEqualTo(((String[][]) plain.get("other"))[row][0]);
                assertThat(slot.output(1).getFloat(row * 4))
                        .isEqualTo(((float[][]) plain.get("number"))[row][0]);
            }
        }
    }

    @Test
    void refusesToComputeWithStringsAndNamesTheNode() {
        OnnxModelBuilder builder = new OnnxModelBuilder("normalizer");
        builder.input("word", DataType.STRING, ROWS);
        builder.output("upper", DataType.STRING, ROWS);
        builder.node(
                "StringNormalizer",
                List.of("word"),
                List.of("upper"),
                attribute("case_change_action", "UPPER"));
        assertThatThrownBy(() -> open(builder.artifact()))
                .isInstanceOf(EngineException.class)
                .hasMessageContaining("StringNormalizer_upper")
                .hasMessageContaining("encode the strings before the model");
    }

    @Test
    void failsOnAnUnknownCategoryOnlyWhereTheModelInsists() throws Exception {
        OnnxModelBuilder builder = new OnnxModelBuilder("strict");
        builder.input("word", DataType.STRING, ROWS, 1);
        builder.output("hot", DataType.FLOAT, ROWS, 1, 2);
        builder.mlNode(
                "OneHotEncoder",
                List.of("word"),
                List.of("hot"),
                attribute("cats_strings", List.of("a", "b")),
                attribute("zeros", 0L));
        try (Engine engine = open(builder.artifact())) {
            Slot slot = engine.slots().get(0);
            slot.input(0).putInt(0, 1);
            Submission.of(engine, slot, 1).awaitScored();
            assertThat(slot.output(0).getFloat(4)).isEqualTo(1);
            slot.input(0).putInt(4, -1);
            assertThat(Submission.of(engine, slot, 2).await().kind())
                    .isEqualTo(EngineException.Kind.BAD_INPUT);
            Rows.score(engine, slot, new byte[] {1, 0, 0, 0});
            assertThat(slot.output(0).getFloat(4)).isEqualTo(1);
        }
    }

    private static Engine open(ModelArtifact model) throws EngineException {
        return Engines.open(model, EngineOptions.of(OnnxRuntimeBackend.NAME, 64, 1));
    }
}
