package dev.millrace.gpu.onnxruntime;

import static dev.millrace.gpu.testing.OnnxModelBuilder.ROWS;
import static dev.millrace.gpu.testing.OnnxModelBuilder.attribute;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.millrace.gpu.engine.Engine;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.Engines;
import dev.millrace.gpu.engine.Exactness;
import dev.millrace.gpu.engine.HostMemory;
import dev.millrace.gpu.engine.ModelArtifact;
import dev.millrace.gpu.engine.Precision;
import dev.millrace.gpu.engine.Slot;
import dev.millrace.gpu.testing.OnnxModelBuilder;
import dev.millrace.gpu.testing.Submission;
import dev.millrace.gpu.testing.TestModels;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OnnxRuntimeShapesTest {
    @Test
    void runsAModelExportedForOneRowOnManyRowsAtOnce() throws Exception {
        OnnxModelBuilder builder = new OnnxModelBuilder("one-row");
        builder.input("x", DataType.FLOAT, 1, 3);
        builder.output("y", DataType.FLOAT, 1, 3);
        builder.node("Exp", List.of("x"), List.of("y"));
        try (Engine engine = open(builder.artifact(), 40, Map.of())) {
            assertThat(engine.signature().inputs().get(0).rowShape()).containsExactly(1, 3);
            assertThat(engine.description().reason()).contains("padded");
            checkExp(engine);
        }
    }

    @Test
    void runsAModelThatInsistsOnItsShapeRowByRow() throws Exception {
        OnnxModelBuilder builder = new OnnxModelBuilder("whole");
        builder.input("x", DataType.FLOAT, 3);
        builder.output("y", DataType.FLOAT, 3);
        builder.node("Exp", List.of("x"), List.of("y"));
        try (Engine engine = open(builder.artifact(), 40, Map.of())) {
            assertThat(engine.signature().inputs().get(0).rowShape()).containsExactly(3);
            checkExp(engine);
        }
    }

    @Test
    void runsAModelRowByRowWhereItsRowsCannotBeFreed() throws Exception {
        OnnxModelBuilder builder = new OnnxModelBuilder("reshape");
        builder.input("x", DataType.FLOAT, 1, 3);
        builder.output("y", DataType.FLOAT, 1, 3);
        builder.longs("shape", new long[] {1, 3}, 2);
        builder.node("Reshape", List.of("x", "shape"), List.of("same"));
        builder.node("Exp", List.of("same"), List.of("y"));
        try (Engine engine = open(builder.artifact(), 40, Map.of())) {
            checkExp(engine);
        }
    }

    private static void checkExp(Engine engine) {
        Slot slot = engine.slots().get(0);
        for (int i = 0; i < 120; i++) {
            slot.input(0).putFloat(i * 4, i * 0.01f);
        }
        Submission.of(engine, slot, 40).awaitScored();
        for (int i = 0; i < 120; i++) {
            assertThat(slot.output(0).getFloat(i * 4))
                    .isCloseTo(
                            (float) Math.exp(i * 0.01f),
                            org.assertj.core.data.Percentage.withPercentage(0.001));
        }
    }

    @Test
    void promisesNothingForAModelWhoseRowsDependOnEachOther() throws Exception {
        OnnxModelBuilder builder = new OnnxModelBuilder("mixing");
        builder.input("x", DataType.FLOAT, ROWS, 4);
        builder.output("y", DataType.FLOAT, ROWS, 4);
        builder.node("Softmax", List.of("x"), List.of("y"), attribute("axis", 0L));
        try (Engine engine = open(builder.artifact(), 64, Map.of())) {
            assertThat(engine.description().exactness()).isEqualTo(Exactness.NONE);
            assertThat(engine.description().reason()).contains("neighbours");
            Slot slot = engine.slots().get(0);
            slot.input(0).putFloat(4 * 16, 1000);
            Submission.of(engine, slot, 2).awaitScored();
            assertThat(slot.output(0).getFloat(0)).isEqualTo(0.5f);
        }
    }

    @Test
    void promisesExactnessOnOneDeviceForAPerceptron() throws Exception {
        try (Engine engine = open(TestModels.mlp(30, 64, 32, 1), 1024, Map.of())) {
            assertThat(engine.description().exactness()).isEqualTo(Exactness.DEVICE);
            assertThat(engine.description().reason()).contains("16 to 1024 rows");
        }
    }

    @Test
    void promisesNothingWithoutPadding() throws Exception {
        Map<String, String> properties = Map.of("onnxruntime.padding", "false");
        try (Engine engine = open(TestModels.mlp(30, 8, 1), 64, properties)) {
            assertThat(engine.description().exactness()).isEqualTo(Exactness.NONE);
        }
    }

    @Test
    void asksForTheSizeOfAFreeDimension() throws Exception {
        OnnxModelBuilder builder = new OnnxModelBuilder("sequence");
        builder.input("x", DataType.FLOAT, ROWS, -2);
        builder.output("y", DataType.FLOAT, ROWS, -2);
        builder.node("Exp", List.of("x"), List.of("y"));
        ModelArtifact model = builder.artifact();
        assertThatThrownBy(() -> open(model, 8, Map.of()))
                .isInstanceOf(EngineException.class)
                .hasMessageContaining("set model.dimension.free2 to its size");
        try (Engine engine = open(model, 8, Map.of("model.dimension.free2", "5"))) {
            assertThat(engine.signature().outputs().get(0).rowShape()).containsExactly(5);
        }
        assertThatThrownBy(
                        () ->
                                open(
                                        TestModels.linear(2, 1),
                                        8,
                                        Map.of("model.dimension.free2", "5")))
                .hasMessageContaining("names no free dimension");
    }

    @Test
    void refusesAnOutputThatIsNotOnePerRow() {
        OnnxModelBuilder builder = new OnnxModelBuilder("sum");
        builder.input("x", DataType.FLOAT, ROWS, 2);
        builder.output("total", DataType.FLOAT, 1);
        builder.node("ReduceSum", List.of("x"), List.of("total"), attribute("keepdims", 0L));
        assertThatThrownBy(() -> open(builder.artifact(), 8, Map.of()))
                .isInstanceOf(EngineException.class)
                .hasMessageContaining("Output 'total' is not one value per row");
    }

    @Test
    void saysWhatASlotWouldNeedWhenItCannotBe() {
        long held = HostMemory.heldBytes();
        assertThatThrownBy(() -> open(TestModels.linear(784, 1), 1_000_000, Map.of()))
                .isInstanceOfSatisfying(
                        EngineException.class,
                        e -> assertThat(e.kind()).isEqualTo(EngineException.Kind.MODEL))
                .hasMessageContaining("1000000 rows of 3140 bytes");
        assertThat(HostMemory.heldBytes()).isEqualTo(held);
    }

    @Test
    void computesWithSeveralThreadsWhereAsked() throws Exception {
        Map<String, String> properties = Map.of("onnxruntime.threads", "2");
        try (Engine engine = open(TestModels.mlp(12, 8, 1), 64, properties)) {
            Submission.of(engine, engine.slots().get(0), 64).awaitScored();
        }
        assertThatThrownBy(
                        () ->
                                open(
                                        TestModels.linear(2, 1),
                                        8,
                                        Map.of("onnxruntime.threads", "none")))
                .hasMessageContaining("onnxruntime.threads must be a whole number");
    }

    private static Engine open(ModelArtifact model, int capacity, Map<String, String> properties)
            throws EngineException {
        return Engines.open(
                model,
                new EngineOptions(
                        OnnxRuntimeBackend.NAME, capacity, 1, Precision.FP32, 0, properties));
    }
}
