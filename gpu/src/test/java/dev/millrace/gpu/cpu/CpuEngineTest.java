package dev.millrace.gpu.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.gpu.engine.Engine;
import dev.millrace.gpu.engine.EngineContractTest;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.Exactness;
import dev.millrace.gpu.engine.Precision;
import dev.millrace.gpu.engine.Slot;
import dev.millrace.gpu.model.Plan;
import dev.millrace.gpu.testing.Rows;
import dev.millrace.gpu.testing.Submission;
import dev.millrace.gpu.testing.TestPlans;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The contract, and what only this engine has. */
class CpuEngineTest extends EngineContractTest {
    @Override
    protected String backend() {
        return "cpu";
    }

    @Test
    void refusesValuesThatMakeNoSense() {
        assertThatThrownBy(() -> openWith(Map.of("cpu.kernels", "fastest")))
                .isInstanceOf(EngineException.class)
                .hasMessageContaining("fastest");
        for (String threads : List.of("0", "-1", "two", "1025")) {
            assertThatThrownBy(() -> openWith(Map.of("cpu.threads", threads)))
                    .isInstanceOf(EngineException.class)
                    .hasMessageContaining("1..1024: '" + threads + "'");
        }
    }

    @Test
    void scoresTheSameOnAnyNumberOfThreads() throws EngineException {
        Plan plan = TestPlans.mlp(new Random(3), 12, 24, 5);
        int capacity = 300;
        byte[][] expected = null;
        for (String threads : List.of("1", "2", "3", "7")) {
            EngineOptions options = options(capacity, Map.of("cpu.threads", threads));
            try (Engine engine = CpuEngine.open("threads", plan, options, "asked for")) {
                Random random = new Random(5);
                byte[][] rows = new byte[capacity][];
                for (int row = 0; row < rows.length; row++) {
                    rows[row] = Rows.random(engine.signature(), random);
                }
                byte[][] scores = Rows.score(engine, engine.slots().get(0), rows);
                expected = expected == null ? scores : expected;
                assertThat(scores).as(threads + " threads").isEqualTo(expected);
                for (int count : new int[] {1, 63, 64, 65, 127, 129, 200, 299}) {
                    byte[][] some = Arrays.copyOf(rows, count);
                    assertThat(Rows.score(engine, engine.slots().get(1), some))
                            .as("%d rows on %s threads", count, threads)
                            .isEqualTo(Arrays.copyOf(expected, count));
                }
            }
        }
        assertThat(engineThreads("threads")).isEmpty();
    }

    @Test
    void namesTheFirstRowAtFaultOnAnyNumberOfThreads() throws EngineException {
        Plan plan = TestPlans.embedding(new Random(3), 50, 4, 3);
        EngineOptions options = options(300, Map.of("cpu.threads", "3"));
        try (Engine engine = CpuEngine.open("faults", plan, options, "asked for")) {
            Slot slot = engine.slots().get(0);
            for (int[] faulty : new int[][] {{7, 250}, {250, 280}, {299}}) {
                for (int row = 0; row < 300; row++) {
                    slot.input(0).putLong(8 * row, row % 50);
                }
                for (int row : faulty) {
                    slot.input(0).putLong(8 * row, 50);
                }
                EngineException failure = Submission.of(engine, slot, 300).await();
                assertThat(failure.kind()).isEqualTo(EngineException.Kind.BAD_INPUT);
                assertThat(failure).hasMessageContaining("Row " + faulty[0] + " ");
            }
        }
    }

    private static List<Thread> engineThreads(String name) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("millrace-cpu-" + name))
                .toList();
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
        Plan plan = TestPlans.mlp(new Random(3), 12, 24, 5);
        return CpuEngine.open("test", plan, options(CAPACITY, settings), "asked for");
    }

    private static EngineOptions options(int capacity, Map<String, String> settings) {
        return new EngineOptions("cpu", capacity, SLOTS, Precision.FP32, 0, settings);
    }
}
