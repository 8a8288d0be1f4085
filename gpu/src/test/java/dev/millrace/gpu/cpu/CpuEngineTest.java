package dev.millrace.gpu.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.gpu.engine.Engine;
import dev.millrace.gpu.engine.EngineContractTest;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.Exactness;
import dev.millrace.gpu.engine.ModelArtifact;
import dev.millrace.gpu.engine.Precision;
import dev.millrace.gpu.model.Plan;
import dev.millrace.gpu.testing.Rows;
import dev.millrace.gpu.testing.TestPlans;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;

/**
 * The contract, on plans written by hand in place of the contract's ONNX models: importing those is
 * the backend's part.
 */
class CpuEngineTest extends EngineContractTest {
    @Override
    protected String backend() {
        return "cpu";
    }

    @Override
    protected Engine open(ModelArtifact model, int capacity, int slots) throws EngineException {
        boolean embedding = model.version().name().equals("embedding");
        Plan plan =
                embedding
                        ? TestPlans.embedding(new Random(3), 50, 4, 3)
                        : TestPlans.mlp(new Random(3), 12, 24, 5);
        return CpuEngine.open("test", plan, EngineOptions.of("cpu", capacity, slots), "asked for");
    }

    @Override
    @Test
    @Disabled("Reading models is the backend's part")
    protected void refusesWhatIsNotAModel() {}

    @Override
    @Test
    protected void refusesSettingsItDoesNotKnow() {
        assertThatThrownBy(() -> openWith(Map.of("cpu.no-such-setting", "1")))
                .isInstanceOf(EngineException.class)
                .hasMessageContaining("no-such-setting");
        assertThatThrownBy(() -> openWith(Map.of("cpu.kernels", "fastest")))
                .isInstanceOf(EngineException.class)
                .hasMessageContaining("fastest");
    }

    @Test
    void scoresTheSameWithEitherKindOfKernel() throws EngineException {
        try (Engine plain = openWith(Map.of("cpu.kernels", "plain"));
                Engine best = openWith(Map.of("cpu.kernels", "auto"))) {
            assertThat(plain.description().device()).contains("plain loops");
            assertThat(best.description().device()).contains(DenseLayers.best().toString());
            assertThat(best.description().exactness()).isEqualTo(Exactness.PORTABLE);
            Random random = new Random(5);
            byte[][] rows = new byte[CAPACITY][];
            for (int row = 0; row < rows.length; row++) {
                rows[row] = Rows.random(plain.signature(), random);
            }
            assertThat(Rows.score(best, best.slots().get(0), rows))
                    .isEqualTo(Rows.score(plain, plain.slots().get(0), rows));
        }
    }

    @Test
    void refusesTheVectorApiWhereItIsOff() throws EngineException {
        if (DenseLayers.hasVectors()) {
            openWith(Map.of("cpu.kernels", "vector")).close();
            return;
        }
        assertThatThrownBy(() -> openWith(Map.of("cpu.kernels", "vector")))
                .isInstanceOf(EngineException.class)
                .hasMessageContaining("--add-modules jdk.incubator.vector");
    }

    @Test
    void refusesOtherPrecisions() {
        EngineOptions options = new EngineOptions("cpu", 8, 2, Precision.INT8, 0, Map.of());
        Plan plan = TestPlans.mlp(new Random(3), 4, 2);
        assertThatThrownBy(() -> CpuEngine.open("test", plan, options, "asked for"))
                .isInstanceOf(EngineException.class)
                .hasMessageContaining("INT8");
    }

    private static Engine openWith(Map<String, String> settings) throws EngineException {
        EngineOptions options =
                new EngineOptions("cpu", CAPACITY, SLOTS, Precision.FP32, 0, settings);
        Plan plan = TestPlans.mlp(new Random(3), 12, 24, 5);
        return CpuEngine.open("test", plan, options, "asked for");
    }
}
