package dev.millrace.gpu.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.gpu.cuda.StandinDriver.Counter;
import dev.millrace.gpu.engine.Engine;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.Exactness;
import dev.millrace.gpu.engine.HostMemory;
import dev.millrace.gpu.engine.Precision;
import dev.millrace.gpu.engine.Slot;
import dev.millrace.gpu.interpreter.PlanInterpreter;
import dev.millrace.gpu.model.Plan;
import dev.millrace.gpu.testing.Rows;
import dev.millrace.gpu.testing.Submission;
import dev.millrace.gpu.testing.TestPlans;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Every way in which a device can fail ends as it should, loses nothing and leaks nothing. */
@Timeout(120)
class CudaEngineFaultsTest {
    private static final int CAPACITY = 200;
    private static final int SLOTS = 3;
    private static final Plan PLAN = TestPlans.mlp(new Random(3), 12, 24, 5);

    private byte[][] rows;
    private byte[][] expected;
    private long hostBefore;

    @BeforeEach
    void start() throws Exception {
        StandinDriver.start();
        hostBefore = HostMemory.heldBytes();
        Random random = new Random(11);
        rows = new byte[CAPACITY][];
        for (int row = 0; row < CAPACITY; row++) {
            rows[row] = Rows.random(PLAN.signature(), random);
        }
        expected = byInterpreter();
    }

    @AfterEach
    void nothingIsHeld() {
        StandinDriver.faults("reset");
        assertThat(StandinDriver.held()).isZero();
        assertThat(HostMemory.heldBytes()).isEqualTo(hostBefore);
        assertThat(System.getProperties().stringPropertyNames())
                .noneMatch(name -> name.startsWith("millrace.cuda.constants."));
    }

    private byte[][] byInterpreter() {
        ByteBuffer in = buffer(CAPACITY * PLAN.signature().inputRowBytes());
        ByteBuffer out = buffer(CAPACITY * PLAN.signature().outputRowBytes());
        for (int row = 0; row < CAPACITY; row++) {
            in.put(row * rows[row].length, rows[row]);
        }
        new PlanInterpreter(PLAN, CAPACITY)
                .run(new ByteBuffer[] {in}, new ByteBuffer[] {out}, 0, CAPACITY);
        byte[][] scores = new byte[CAPACITY][PLAN.signature().outputRowBytes()];
        for (int row = 0; row < CAPACITY; row++) {
            out.get(row * scores[row].length, scores[row]);
        }
        return scores;
    }

    private static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }

    private static Engine open(String... settings) throws EngineException {
        Map<String, String> properties = new HashMap<>(TestingEngines.PROPERTIES);
        for (String setting : settings) {
            properties.put(
                    setting.substring(0, setting.indexOf('=')),
                    setting.substring(setting.indexOf('=') + 1));
        }
        return TestingEngines.open(
                PLAN, new EngineOptions("cuda", CAPACITY, SLOTS, Precision.FP32, 0, properties));
    }

    private void scoresAsEver(Engine engine, int count) {
        for (Slot slot : engine.slots()) {
            assertThat(Rows.score(engine, slot, Arrays.copyOf(rows, count)))
                    .isEqualTo(Arrays.copyOf(expected, count));
        }
    }

    private static void assertKind(EngineException failure, EngineException.Kind kind) {
        assertThat(failure).isNotNull();
        assertThat(failure.kind()).as(failure.getMessage()).isEqualTo(kind);
    }

    @Test
    void opensWithLessOrNotAtAllWhicheverAllocationFails() throws EngineException {
        for (int n = 1; n <= 6; n++) {
            StandinDriver.faults("oom@" + n);
            try (Engine engine = open()) {
                StandinDriver.faults("reset");
                scoresAsEver(engine, CAPACITY);
                assertThat(engine.batchLimit()).isLessThanOrEqualTo(CAPACITY);
                assertThat(engine.statistics().outOfMemoryBackoffs() > 0)
                        .isEqualTo(engine.batchLimit() < CAPACITY);
            } catch (EngineException e) {
                assertKind(e, EngineException.Kind.RETRYABLE);
                assertThat(e).hasMessageContaining("cuMemAlloc").hasMessageContaining("3 slots");
            }
            StandinDriver.faults("reset");
            assertThat(StandinDriver.held()).as("after failure %d", n).isZero();
        }
    }

    @Test
    void opensNotAtAllWithoutPinnedMemory() {
        for (int n = 1; n <= 7; n++) {
            StandinDriver.faults("hostoom@" + n);
            assertThatThrownBy(CudaEngineFaultsTest::open)
                    .isInstanceOfSatisfying(
                            EngineException.class,
                            e -> assertKind(e, EngineException.Kind.RETRYABLE))
                    .hasMessageContaining("cuMemHostAlloc");
            StandinDriver.faults("reset");
            assertThat(StandinDriver.held()).isZero();
        }
    }

    @Test
    void scoresInPartsWhileMemoryIsShortAndGrowsAgain() throws EngineException {
        long needed;
        try (Engine engine = open()) {
            needed = engine.statistics().deviceBytes();
        }
        StandinDriver.faults("mem=" + needed * 2 / 3);
        try (Engine engine = open()) {
            assertThat(engine.batchLimit()).isEqualTo(CAPACITY / 2);
            assertThat(engine.statistics().outOfMemoryBackoffs()).isEqualTo(1);
            scoresAsEver(engine, CAPACITY);
            for (int round = 0; round < RowLimit.FIRST_PATIENCE; round++) {
                scoresAsEver(engine, 1 + 31 * round % CAPACITY);
            }
            assertThat(engine.batchLimit()).isEqualTo(CAPACITY / 2);
            StandinDriver.faults("mem=" + 2 * needed);
            for (int round = 0; round < 3 * RowLimit.FIRST_PATIENCE; round++) {
                scoresAsEver(engine, 40);
            }
            assertThat(engine.batchLimit()).isEqualTo(CAPACITY);
            scoresAsEver(engine, CAPACITY);
            assertThat(engine.statistics().deviceBytes()).isEqualTo(needed);
        }
    }

    @Test
    void halvesWhenALaunchRunsOutOfMemory() throws EngineException {
        try (Engine engine = open()) {
            scoresAsEver(engine, CAPACITY);
            StandinDriver.faults("launch@1=2");
            scoresAsEver(engine, CAPACITY);
            assertThat(engine.batchLimit()).isEqualTo(CAPACITY / 2);
            assertThat(engine.statistics().outOfMemoryBackoffs()).isEqualTo(1);
            assertThat(engine.statistics().fallbackActive()).isFalse();
        }
    }

    @Test
    void failsTheSubmissionWhoseLaunchFailsAndGoesOn() throws EngineException {
        try (Engine engine = open()) {
            StandinDriver.faults("launch@1");
            EngineException failure = Submission.of(engine, engine.slots().get(0), 9).await();
            assertKind(failure, EngineException.Kind.RETRYABLE);
            assertThat(failure)
                    .hasMessageContaining("micro-batch of 9 rows")
                    .hasMessageContaining("701");
            scoresAsEver(engine, CAPACITY);
            assertThat(engine.description().backend()).isEqualTo("cuda");
        }
    }

    @Test
    void handsOverToTheTwinAfterADeviceFatalError() throws EngineException {
        try (Engine engine = open()) {
            scoresAsEver(engine, CAPACITY);
            write(engine.slots().get(0), engine);
            write(engine.slots().get(1), engine);
            StandinDriver.faults("fatal@1;slow=3000");
            Submission first = Submission.of(engine, engine.slots().get(0), CAPACITY);
            Submission second = Submission.of(engine, engine.slots().get(1), CAPACITY);
            first.awaitScored();
            second.awaitScored();
            for (Slot slot : engine.slots().subList(0, 2)) {
                for (int row = 0; row < CAPACITY; row++) {
                    assertThat(Rows.readOutput(engine.signature(), slot, row))
                            .isEqualTo(expected[row]);
                }
            }
            scoresAsEver(engine, CAPACITY);
            assertThat(engine.statistics().fallbackActive()).isTrue();
            assertThat(engine.description().backend()).isEqualTo("cpu");
            assertThat(engine.description().exactness()).isEqualTo(Exactness.PORTABLE);
            assertThat(engine.description().reason())
                    .contains("lost")
                    .contains("restart the process");
        }
    }

    private void write(Slot slot, Engine engine) {
        for (int row = 0; row < CAPACITY; row++) {
            Rows.write(engine.signature(), slot, row, rows[row]);
        }
    }

    @Test
    void failsForGoodAfterADeviceFatalErrorWithoutATwin() throws EngineException {
        try (Engine engine = open("cuda.fallback=none")) {
            StandinDriver.faults("fatal@1=700");
            EngineException failure = Submission.of(engine, engine.slots().get(0), 5).await();
            assertKind(failure, EngineException.Kind.DEVICE_FATAL);
            assertThat(failure).hasMessageContaining("restart the process");
            assertKind(
                    Submission.of(engine, engine.slots().get(1), 5).await(),
                    EngineException.Kind.DEVICE_FATAL);
            assertThat(engine.statistics().fallbackActive()).isFalse();
            assertThatThrownBy(CudaEngineFaultsTest::open)
                    .isInstanceOfSatisfying(
                            EngineException.class,
                            e -> assertKind(e, EngineException.Kind.DEVICE_FATAL));
        }
    }

    @Test
    void handsOverToTheTwinWhenAKernelDoesNotEnd() throws EngineException {
        try (Engine engine = open("cuda.timeout-ms=150")) {
            scoresAsEver(engine, CAPACITY);
            Slot slot = engine.slots().get(0);
            ByteBuffer before = slot.output(0);
            StandinDriver.faults("hang@1");
            scoresAsEver(engine, CAPACITY);
            assertThat(slot.output(0)).isNotSameAs(before);
            assertThat(engine.statistics().fallbackActive()).isTrue();
            assertThat(engine.description().reason()).contains("did not end within 150 ms");
            byte[][] scores = new byte[CAPACITY][];
            Submission.of(engine, slot, CAPACITY).awaitScored();
            long copied = StandinDriver.counter(Counter.D2H_BYTES);
            StandinDriver.faults("release");
            awaitCopyBack(copied);
            for (int row = 0; row < CAPACITY; row++) {
                scores[row] = Rows.readOutput(engine.signature(), slot, row);
            }
            assertThat(scores).as("a late copy changes nothing").isEqualTo(expected);
        }
    }

    @Test
    void refusesADeviceThatStillHangsAndTakesItOnceItAnswers() throws EngineException {
        try (Engine engine = open("cuda.timeout-ms=100", "cuda.fallback=none")) {
            StandinDriver.faults("hang@1");
            assertKind(
                    Submission.of(engine, engine.slots().get(0), 5).await(),
                    EngineException.Kind.DEVICE_FATAL);
        }
        assertThat(StandinDriver.counter(Counter.PINNED_BYTES)).isPositive();
        assertThatThrownBy(CudaEngineFaultsTest::open)
                .isInstanceOfSatisfying(
                        EngineException.class,
                        e -> assertKind(e, EngineException.Kind.DEVICE_FATAL))
                .hasMessageContaining("does not answer");
        long copied = StandinDriver.counter(Counter.D2H_BYTES);
        StandinDriver.faults("release");
        awaitCopyBack(copied);
        try (Engine engine = openOnceItAnswers()) {
            scoresAsEver(engine, CAPACITY);
        }
    }

    private static Engine openOnceItAnswers() throws EngineException {
        long deadline = System.nanoTime() + 10_000_000_000L;
        while (true) {
            try {
                return open();
            } catch (EngineException e) {
                if (System.nanoTime() > deadline) {
                    throw e;
                }
            }
        }
    }

    /** Waits until a copy back that hung behind a kernel has been done. */
    private static void awaitCopyBack(long bytesBefore) {
        long deadline = System.nanoTime() + 10_000_000_000L;
        while (StandinDriver.counter(Counter.D2H_BYTES) == bytesBefore) {
            assertThat(System.nanoTime()).as("copies end once released").isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    @Test
    void scoresOtherSlotsWhileOneIsSlow() throws EngineException {
        try (Engine engine = open()) {
            write(engine.slots().get(0), engine);
            StandinDriver.faults("slowcopy=200;hang@1");
            Submission slow = Submission.of(engine, engine.slots().get(0), CAPACITY);
            for (Slot slot : engine.slots().subList(1, SLOTS)) {
                awaitLaunch();
                assertThat(Rows.score(engine, slot, rows)).isEqualTo(expected);
            }
            assertThat(slow.completions()).isZero();
            StandinDriver.faults("release");
            slow.awaitScored();
            assertThat(engine.statistics().h2dNanos()).isPositive();
            assertThat(engine.statistics().d2hNanos()).isPositive();
        }
    }

    /** The kernel that is to hang must be the first slot's. */
    private static void awaitLaunch() {
        long deadline = System.nanoTime() + 10_000_000_000L;
        while (StandinDriver.counter(Counter.LAUNCHES) == 0) {
            assertThat(System.nanoTime()).as("a kernel starts").isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    @Test
    void keepsWeightsOnceForSeveralEngines() throws EngineException {
        try (Engine first = open()) {
            long bytes = StandinDriver.counter(Counter.DEVICE_BYTES);
            long allocations = StandinDriver.counter(Counter.DEVICE_ALLOCATIONS);
            try (Engine second = open()) {
                assertThat(StandinDriver.counter(Counter.DEVICE_ALLOCATIONS) - allocations)
                        .as("one per slot, none for weights")
                        .isEqualTo(SLOTS);
                assertThat(StandinDriver.counter(Counter.DEVICE_BYTES)).isLessThan(2 * bytes);
                scoresAsEver(first, CAPACITY);
                scoresAsEver(second, CAPACITY);
            }
            scoresAsEver(first, CAPACITY);
        }
    }

    @Test
    void launchesOneGraphPerSubmission() throws EngineException {
        try (Engine engine = open()) {
            scoresAsEver(engine, CAPACITY);
            long before = StandinDriver.counter(Counter.GRAPH_LAUNCHES);
            for (int round = 0; round < 4; round++) {
                scoresAsEver(engine, 60);
            }
            assertThat(StandinDriver.counter(Counter.GRAPH_LAUNCHES) - before)
                    .isEqualTo(4L * SLOTS);
        }
    }
}
