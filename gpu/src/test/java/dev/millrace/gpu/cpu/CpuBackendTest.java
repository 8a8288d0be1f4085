package dev.millrace.gpu.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import com.sun.management.ThreadMXBean;
import dev.millrace.gpu.check.Golden;
import dev.millrace.gpu.engine.Engine;
import dev.millrace.gpu.engine.EngineBackend;
import dev.millrace.gpu.engine.EngineDescription;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.Engines;
import dev.millrace.gpu.engine.Exactness;
import dev.millrace.gpu.engine.ModelArtifact;
import dev.millrace.gpu.engine.Precision;
import dev.millrace.gpu.interpreter.PreparedPlan;
import dev.millrace.gpu.testing.OnnxModelBuilder;
import dev.millrace.gpu.testing.TestModels;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which engine is chosen for what, and what it says about itself. */
class CpuBackendTest {
    /** No portable backend will ever know it; ONNX Runtime does not either. */
    private static ModelArtifact unknown() {
        OnnxModelBuilder model = new OnnxModelBuilder("unknown");
        model.input("features", DataType.FLOAT, OnnxModelBuilder.ROWS, 3);
        model.output("scores", DataType.FLOAT, OnnxModelBuilder.ROWS, 3);
        model.node("Reticulate", List.of("features"), List.of("scores"));
        return model.artifact();
    }

    private static EngineBackend backend() {
        return Engines.backends().stream()
                .filter(backend -> backend.name().equals("cpu"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void isAskedAfterCudaAndBeforeOnnxRuntime() {
        List<String> order = Engines.backends().stream().map(EngineBackend::name).toList();
        assertThat(order).containsSubsequence("cpu", "onnxruntime");
        assertThat(order.indexOf("cuda")).isLessThan(order.indexOf("cpu"));
    }

    @Test
    void scoresGoldenVectors() throws EngineException {
        Golden.check("cpu", Map.of());
        Golden.check("cpu", Map.of("cpu.kernels", "plain"));
    }

    @Test
    void isWhatAutoTakesWithoutADevice() throws EngineException {
        try (Engine engine =
                Engines.open(
                        TestModels.mlp(30, 64, 32, 1),
                        EngineOptions.of(EngineOptions.AUTO, 16, 2))) {
            EngineDescription description = engine.description();
            assertThat(description.backend()).isEqualTo("cpu");
            assertThat(description.exactness()).isEqualTo(Exactness.PORTABLE);
            assertThat(description.precision()).isEqualTo(Precision.FP32);
            assertThat(description.device())
                    .startsWith("CPU (")
                    .contains(DenseLayers.best().toString());
            assertThat(description.reason()).contains("portable plan covers");
        }
    }

    @Test
    void holdsTheWeightsOfAModelOnceHoweverManyEnginesScoreIt() throws EngineException {
        ModelArtifact model = TestModels.mlp(30, 64, 32, 1);
        EngineOptions options = EngineOptions.of("cpu", 16, 2);
        SharedPlans.Lease first = SharedPlans.lease(model, options);
        SharedPlans.Lease second = SharedPlans.lease(model, options);
        PreparedPlan plan = first.plan();
        assertThat(second.plan()).isSameAs(plan);
        second.close();
        second.close();
        assertThat(SharedPlans.holds(model, options)).isTrue();
        first.close();
        assertThat(SharedPlans.held()).isZero();
        SharedPlans.Lease again = SharedPlans.lease(model, options);
        assertThat(again.plan()).isNotSameAs(plan);
        again.close();
    }

    /** Its weights are four million bytes. */
    @Test
    void engineAfterEngineCostsScratchMemoryOnly() throws EngineException {
        ModelArtifact model = TestModels.mlp(1000, 1000, 1);
        // In plain loops: not yet compiled, vectors are objects, and opening an engine warms it up.
        EngineOptions options =
                new EngineOptions("cpu", 1, 2, Precision.FP32, 0, Map.of("cpu.kernels", "plain"));
        List<Engine> engines = new ArrayList<>();
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long id = Thread.currentThread().getId();
        try {
            engines.add(Engines.open(model, options));
            engines.add(Engines.open(model, options));
            long before = threads.getThreadAllocatedBytes(id);
            engines.add(Engines.open(model, options));
            assertThat(threads.getThreadAllocatedBytes(id) - before).isLessThan(1_000_000);
        } finally {
            engines.forEach(Engine::close);
        }
        assertThat(SharedPlans.held()).isZero();
    }

    @Test
    void saysWhichOperatorStandsInTheWay() {
        EngineBackend.Coverage coverage =
                backend().examine(unknown(), EngineOptions.of("cpu", 16, 2));
        assertThat(coverage.covered()).isFalse();
        assertThat(coverage.reason()).contains("Reticulate");
        assertThatThrownBy(() -> Engines.open(unknown(), EngineOptions.of("cpu", 16, 2)))
                .isInstanceOfSatisfying(
                        EngineException.class,
                        e -> assertThat(e.kind()).isEqualTo(EngineException.Kind.MODEL))
                .hasMessageContaining("Reticulate");
    }

    @Test
    void refusesASettingThatIsNone() {
        EngineOptions options =
                new EngineOptions("cpu", 16, 2, Precision.FP32, 0, Map.of("cpu.kernel", "plain"));
        EngineBackend.Coverage coverage = backend().examine(TestModels.linear(3, 1), options);
        assertThat(coverage.covered()).isFalse();
        assertThat(coverage.reason()).contains("cpu.kernel", "cpu.kernels");
    }
}
