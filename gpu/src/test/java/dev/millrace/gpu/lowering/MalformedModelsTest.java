package dev.millrace.gpu.lowering;

import static ai.onnx.proto.OnnxMl.TensorProto.DataType.FLOAT;
import static ai.onnx.proto.OnnxMl.TensorProto.DataType.INT64;
import static dev.millrace.gpu.testing.OnnxModelBuilder.ROWS;
import static dev.millrace.gpu.testing.OnnxModelBuilder.attribute;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.ModelArtifact;
import dev.millrace.gpu.testing.OnnxModelBuilder;
import dev.millrace.gpu.testing.TestModels;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MalformedModelsTest {
    private static final long SEED = 77;
    private static final int MUTATIONS = 1500;

    private final Random random = new Random(SEED);

    @Test
    void damagedFilesGiveOneKindOfException() {
        List<byte[]> models =
                List.of(
                        TestModels.mlp(6, 5, 3).content(),
                        TestModels.embedding(7, 4, 3).content(),
                        everything().build());
        int imported = 0;
        for (int i = 0; i < MUTATIONS; i++) {
            byte[] damaged = damaged(models.get(i % models.size()));
            ModelArtifact artifact = new ModelArtifact("damaged", "1", damaged, "damaged.onnx");
            try {
                PlanImporter.importModel(artifact, EngineOptions.of("cpu", 1, 1));
                imported++;
            } catch (EngineException e) {
                assertThat(e.kind()).isEqualTo(EngineException.Kind.MODEL);
            } catch (RuntimeException | Error e) {
                throw new AssertionError("seed " + SEED + ", mutation " + i, e);
            }
        }
        assertThat(imported).as("harmless mutations").isBetween(1, MUTATIONS - 1);
    }

    @Test
    void truncatedFilesSaySo() throws Exception {
        byte[] whole = everything().build();
        PlanImporter.importModel(everything().artifact(), EngineOptions.of("cpu", 1, 1));
        for (int length = 0; length < whole.length; length += 3) {
            ModelArtifact artifact =
                    new ModelArtifact("cut", "1", Arrays.copyOf(whole, length), "cut.onnx");
            try {
                PlanImporter.importModel(artifact, EngineOptions.of("cpu", 1, 1));
                // What is cut off at the end may be the list of operator sets alone.
            } catch (EngineException e) {
                assertThat(e.kind()).isEqualTo(EngineException.Kind.MODEL);
                assertThat(e).hasMessageContaining("cut.onnx");
            }
        }
    }

    private byte[] damaged(byte[] model) {
        byte[] damaged = model.clone();
        int changes = 1 + random.nextInt(4);
        for (int i = 0; i < changes; i++) {
            int at = random.nextInt(damaged.length);
            switch (random.nextInt(4)) {
                case 0 -> damaged[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> damaged[at] = (byte) random.nextInt();
                case 2 -> damaged[at] = (byte) (random.nextBoolean() ? 0xff : 0);
                default -> {
                    int length = Math.min(random.nextInt(16), damaged.length - at);
                    int from = random.nextInt(damaged.length - length + 1);
                    System.arraycopy(model, from, damaged, at, length);
                }
            }
        }
        return damaged;
    }

    private static OnnxModelBuilder everything() {
        OnnxModelBuilder model = new OnnxModelBuilder("everything");
        model.input("x", FLOAT, ROWS, 2, 6)
                .input("i", INT64, ROWS, 2)
                .output("y", FLOAT)
                .output("m", FLOAT);
        model.longs("shape", new long[] {-1, 3, 4}, 3).longs("pads", new long[6], 6);
        model.longs("axes", new long[] {1}, 1).longs("starts", new long[] {1}, 1);
        model.longs("ends", new long[] {3}, 1).longs("k", new long[] {2}, 1);
        model.floats("w", new float[2], 1, 2).floats("table", new float[9], 3, 3);
        model.node("Reshape", List.of("x", "shape"), List.of("a"));
        model.node(
                "Transpose", List.of("a"), List.of("b"), attribute("perm", new long[] {0, 2, 1}));
        model.node("Pad", List.of("b", "pads"), List.of("c"), attribute("mode", "reflect"));
        model.node("Slice", List.of("c", "starts", "ends", "axes"), List.of("d"));
        model.node("Softmax", List.of("d"), List.of("e"), attribute("axis", 1L));
        model.node("Gather", List.of("table", "i"), List.of("f"), attribute("axis", 0L));
        model.node("Concat", List.of("e", "f"), List.of("g"), attribute("axis", 1L));
        model.node("Unsqueeze", List.of("g", "axes"), List.of("h"));
        model.node("ReduceMean", List.of("h"), List.of("j"), attribute("axes", new long[] {3}));
        model.node("Squeeze", List.of("j", "axes"), List.of("l"));
        model.node("TopK", List.of("j", "k"), List.of("m", ""), attribute("axis", 2L));
        model.node("MatMul", List.of("l", "w"), List.of("y"));
        return model;
    }
}
