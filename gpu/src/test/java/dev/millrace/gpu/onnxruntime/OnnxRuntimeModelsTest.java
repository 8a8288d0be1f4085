package dev.millrace.gpu.onnxruntime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.gpu.engine.Engine;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.Engines;
import dev.millrace.gpu.engine.ModelArtifact;
import dev.millrace.gpu.engine.Precision;
import dev.millrace.gpu.engine.Slot;
import dev.millrace.gpu.testing.Submission;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Users' models through the engine and through ONNX Runtime's plain interface. */
class OnnxRuntimeModelsTest {
    private static final int ROWS = 48;
    private final Random random = new Random(11);

    @Test
    void scoresAFraudForestAsOnnxRuntimeDoes() throws Exception {
        ModelArtifact model = model("alex3ai_fraud.onnx");
        float[][] rows = floats(ROWS, 30, 50);
        try (Engine engine = open(model, Map.of())) {
            Slot slot = fill(engine, rows);
            Map<String, Object> plain = PlainOrt.run(model.content(), Map.of("float_input", rows));
            long[] labels = (long[]) plain.get("label");
            float[][] probabilities = (float[][]) plain.get("probabilities");
            for (int row = 0; row < ROWS; row++) {
                assertThat(slot.output(0).getLong(row * 8)).isEqualTo(labels[row]);
                assertThat(floats(slot, 1, row, 2)).isEqualTo(probabilities[row]);
            }
        }
    }

    @Test
    void scoresAClassifierThatEndsInMapsAsOnnxRuntimeDoes() throws Exception {
        ModelArtifact model = model("skl_lr_mnist.onnx");
        float[][] rows = floats(ROWS, 784, 1);
        try (Engine engine = open(model, Map.of())) {
            assertThat(engine.signature().outputs().get(1).categories())
                    .containsExactly("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
            Slot slot = fill(engine, rows);
            Map<String, Object> plain = PlainOrt.run(model.content(), Map.of("float_input", rows));
            long[] labels = (long[]) plain.get("output_label");
            java.util.List<?> maps = (java.util.List<?>) plain.get("output_probability");
            for (int row = 0; row < ROWS; row++) {
                assertThat(slot.output(0).getLong(row * 8)).isEqualTo(labels[row]);
                Map<?, ?> map = ((ai.onnxruntime.OnnxMap) maps.get(row)).getValue();
                float[] scores = floats(slot, 1, row, 10);
                for (int label = 0; label < 10; label++) {
                    assertThat(scores[label]).isEqualTo(map.get((long) label));
                }
            }
        }
    }

    @Test
    void scoresImagesAsOnnxRuntimeDoes() throws Exception {
        ModelArtifact model = model("pytorch_cnn_mnist.onnx");
        float[][][][] images = new float[ROWS][1][28][28];
        float[][] rows = floats(ROWS, 784, 1);
        for (int row = 0; row < ROWS; row++) {
            for (int pixel = 0; pixel < 784; pixel++) {
                images[row][0][pixel / 28][pixel % 28] = rows[row][pixel];
            }
        }
        try (Engine engine = open(model, Map.of())) {
            assertThat(engine.signature().inputs().get(0).rowShape()).containsExactly(1, 28, 28);
            Slot slot = fill(engine, rows);
            float[][] plain =
                    (float[][])
                            PlainOrt.run(model.content(), Map.of("input_image", images))
                                    .get("output_probs");
            for (int row = 0; row < ROWS; row++) {
                assertThat(floats(slot, 0, row, 10)).isEqualTo(plain[row]);
            }
        }
    }

    @Test
    void scoresTextAsOnnxRuntimeDoes() throws Exception {
        ModelArtifact model = model("tinybert.onnx");
        int tokens = 12;
        long[][] ids = new long[ROWS][tokens];
        long[][] mask = new long[ROWS][tokens];
        long[][] types = new long[ROWS][tokens];
        try (Engine engine = open(model, Map.of("model.dimension.sequence", "" + tokens))) {
            Slot slot = engine.slots().get(0);
            for (int row = 0; row < ROWS; row++) {
                for (int token = 0; token < tokens; token++) {
                    ids[row][token] = random.nextInt(1656);
                    mask[row][token] = token < 1 + row % tokens ? 1 : 0;
                    int at = (row * tokens + token) * 8;
                    slot.input(0).putLong(at, ids[row][token]);
                    slot.input(1).putLong(at, mask[row][token]);
                    slot.input(2).putLong(at, types[row][token]);
                }
            }
            Submission.of(engine, slot, ROWS).awaitScored();
            Map<String, Object> inputs = new LinkedHashMap<>();
            inputs.put("input_ids", ids);
            inputs.put("attention_mask", mask);
            inputs.put("token_type_ids", types);
            Map<String, Object> plain = PlainOrt.run(model.content(), inputs);
            float[][][] states = (float[][][]) plain.get("output_0");
            float[][] pooled = (float[][]) plain.get("output_1");
            for (int row = 0; row < ROWS; row++) {
                assertThat(floats(slot, 1, row, 50)).isEqualTo(pooled[row]);
                float[] state = floats(slot, 0, row, tokens * 50);
                assertThat(state).startsWith(states[row][0]).endsWith(states[row][tokens - 1]);
            }
        }
    }

    private static ModelArtifact model(String file) throws Exception {
        for (Path folder = Path.of("").toAbsolutePath();
                folder != null;
                folder = folder.getParent()) {
            Path model = folder.resolve("shared").resolve("models").resolve(file);
            if (Files.exists(model)) {
                return ModelArtifact.read(file, "1", model);
            }
        }
        assumeTrue(false, "shared/models/" + file + " is not on this machine");
        throw new AssertionError("unreachable");
    }

    private static Engine open(ModelArtifact model, Map<String, String> properties)
            throws Exception {
        Engine engine =
                Engines.open(
                        model,
                        new EngineOptions(
                                OnnxRuntimeBackend.NAME, ROWS, 1, Precision.FP32, 0, properties));
        System.out.println(engine.description());
        return engine;
    }

    private float[][] floats(int rows, int columns, float scale) {
        float[][] values = new float[rows][columns];
        for (float[] row : values) {
            for (int column = 0; column < columns; column++) {
                row[column] = (float) random.nextGaussian() * scale;
            }
        }
        return values;
    }

    private static Slot fill(Engine engine, float[][] rows) {
        Slot slot = engine.slots().get(0);
        for (int row = 0; row < rows.length; row++) {
            for (int column = 0; column < rows[row].length; column++) {
                slot.input(0).putFloat((row * rows[row].length + column) * 4, rows[row][column]);
            }
        }
        Submission.of(engine, slot, rows.length).awaitScored();
        return slot;
    }

    private static float[] floats(Slot slot, int output, int row, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = slot.output(output).getFloat((row * count + i) * 4);
        }
        return values;
    }
}
