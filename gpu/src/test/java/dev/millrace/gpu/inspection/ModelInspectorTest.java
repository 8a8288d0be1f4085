package dev.millrace.gpu.inspection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.millrace.gpu.engine.Engine;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.Engines;
import dev.millrace.gpu.inspection.ModelInspection.EngineAnswer;
import dev.millrace.gpu.testing.OnnxModelBuilder;
import dev.millrace.gpu.testing.TestModels;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ModelInspectorTest {
    private static final EngineOptions OPTIONS = EngineOptions.of("auto", 16, 1);

    @Test
    void countsOperatorsParametersBytesAndOperations() throws Exception {
        ModelInspection inspection = ModelInspector.inspect(TestModels.mlp(30, 64, 32, 1), OPTIONS);

        assertThat(inspection.operators()).isEqualTo(Map.of("Gemm", 3, "Relu", 2, "Sigmoid", 1));
        int weights = 30 * 64 + 64 * 32 + 32;
        int biases = 64 + 32 + 1;
        assertThat(inspection.parameters()).isEqualTo(weights + biases);
        assertThat(inspection.parameterBytes()).isEqualTo(4L * (weights + biases));
        assertThat(inspection.signature().orElseThrow().inputRowBytes()).isEqualTo(120);
        // Two per weight, and one activation per neuron.
        assertThat(inspection.operations().orElseThrow()).isEqualTo(2L * weights + biases);
        assertThat(inspection.chosen().map(EngineAnswer::backend)).contains("cpu");
        assertThat(inspection.uncovered()).isEmpty();
    }

    @Test
    void namesTheNodeThatIsNotCoveredAndWhatScoresInstead() throws Exception {
        OnnxModelBuilder model = new OnnxModelBuilder("odd");
        model.input("x", DataType.FLOAT, OnnxModelBuilder.ROWS, 3, 3);
        model.output("y", DataType.FLOAT, OnnxModelBuilder.ROWS);
        model.node("Relu", List.of("x"), List.of("positive"));
        model.node("Det", List.of("positive"), List.of("y"));
        ModelInspection inspection = ModelInspector.inspect(model.artifact(), OPTIONS);

        assertThat(inspection.uncovered().map(each -> each.operator())).contains("Det");
        assertThat(inspection.uncovered().map(each -> each.node())).contains("Det_y");
        assertThat(inspection.chosen().map(EngineAnswer::backend)).contains("onnxruntime");
        assertThat(inspection.operations()).isEmpty();
    }

    @Test
    void benchReportsRatesAndTheCopyLimit() throws Exception {
        EngineOptions options = EngineOptions.of("cpu", 64, 2);
        try (Engine engine = Engines.open(TestModels.linear(8, 2), options)) {
            BenchLine line = new ModelBench(engine).run(64, 20_000_000);

            assertThat(line.engine()).isEqualTo("cpu");
            assertThat(line.recordsPerSecond()).isPositive();
            assertThat(line.copiesPerSecond()).isPositive();
            assertThat(line.kernelMicros()).isPositive();
            assertThat(line.h2dMicros()).isZero();
            assertThat(line.ratio() * line.copiesPerSecond())
                    .isCloseTo(line.recordsPerSecond(), within(1e-3 * line.recordsPerSecond()));
        }
    }
}
