package dev.millrace.gpu.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.millrace.gpu.testing.Rows;
import dev.millrace.gpu.testing.Submission;
import dev.millrace.gpu.testing.TestModels;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What every engine does, whichever backend it is built on. A backend's test extends this class and
 * names the backend; see {@link Engine} and {@link Slot} for the contract.
 */
public abstract class EngineContractTest {
    protected static final int CAPACITY = 70;
    protected static final int SLOTS = 3;

    /** What a submission may allocate on the caller's thread. */
    private static final long CALLER_BYTES_PER_SUBMISSION = 256;

    /** What a submission may allocate on the engine's thread, however many rows it has. */
    private static final long ENGINE_BYTES_PER_SUBMISSION = 8192;

    private Random random;
    private long heldBefore;

    /** Name of the backend under test. */
    protected abstract String backend();

    /** Backend settings for all tests. */
    protected Map<String, String> properties() {
        return Map.of();
    }

    /** Native memory that the backend holds at present; equal before and after an engine's life. */
    protected long nativeBytesHeld() {
        return HostMemory.heldBytes();
    }

    protected Engine open(ModelArtifact model, int capacity, int slots) throws EngineException {
        return Engines.open(
                model,
                new EngineOptions(backend(), capacity, slots, Precision.FP32, 0, properties()));
    }

    private Engine openMlp() throws EngineException {
        return open(TestModels.mlp(12, 24, 5), CAPACITY, SLOTS);
    }

    @BeforeEach
    void seed() {
        long seed = System.nanoTime();
        System.out.println("EngineContractTest seed " + seed);
        random = new Random(seed);
        heldBefore = nativeBytesHeld();
    }

    @AfterEach
    void holdsNoMemoryWhenEveryEngineIsClosed() {
        assertThat(nativeBytesHeld()).isEqualTo(heldBefore);
    }

    private byte[][] randomRows(Engine engine, int count) {
        return IntStream.range(0, count)
                .mapToObj(row -> Rows.random(engine.signature(), random))
                .toArray(byte[][]::new);
    }

    @Test
    void offersDirectBuffersInNativeOrderForEveryTensor() throws EngineException {
        try (Engine engine = openMlp()) {
            assertThat(engine.slots()).hasSize(SLOTS);
            for (Slot slot : engine.slots()) {
                assertThat(slot.capacity()).isEqualTo(CAPACITY);
                assertThat(engine.slots().get(slot.index())).isSameAs(slot);
                checkBuffer(slot.input(0), CAPACITY * 12 * 4);
                checkBuffer(slot.output(0), CAPACITY * 5 * 4);
                assertThat(slot.input(0)).isSameAs(slot.input(0));
            }
            assertThat(engine.batchLimit()).isEqualTo(CAPACITY);
        }
    }

    private static void checkBuffer(ByteBuffer buffer, int bytes) {
        assertThat(buffer.isDirect()).isTrue();
        assertThat(buffer.isReadOnly()).isFalse();
        assertThat(buffer.order()).isEqualTo(ByteOrder.nativeOrder());
        assertThat(buffer.capacity()).isEqualTo(bytes);
        assertThat(buffer.position()).isZero();
        assertThat(buffer.limit()).isEqualTo(bytes);
    }

    @Test
    void keepsSignatureAndDescription() throws EngineException {
        try (Engine engine = openMlp()) {
            ModelSignature signature = engine.signature();
            EngineDescription description = engine.description();
            assertThat(signature.inputs())
                    .containsExactly(new TensorSpec("features", ElementType.FLOAT32, List.of(12)));
            assertThat(signature.outputs())
                    .containsExactly(new TensorSpec("scores", ElementType.FLOAT32, List.of(5)));
            assertThat(description.backend()).isEqualTo(backend());
            assertThat(description.reason()).isNotBlank();
            Rows.score(engine, engine.slots().get(0), randomRows(engine, 3));
            assertThat(engine.signature()).isEqualTo(signature);
            assertThat(engine.description()).isEqualTo(description);
        }
    }

    @Test
    void scoresEveryNumberOfRowsUpToTheCapacity() throws EngineException {
        try (Engine engine = openMlp()) {
            byte[][] rows = randomRows(engine, CAPACITY);
            byte[][] expected = oneByOne(engine, rows);
            for (int count = 1; count <= CAPACITY; count++) {
                Slot slot = engine.slots().get(count % SLOTS);
                byte[][] scores = Rows.score(engine, slot, Arrays.copyOf(rows, count));
                checkScores(engine, scores, Arrays.copyOf(expected, count));
            }
        }
    }

    @Test
    void scoresARowTheSameAmongAnyNeighbours() throws EngineException {
        try (Engine engine = openMlp()) {
            byte[][] rows = randomRows(engine, CAPACITY);
            byte[][] expected = oneByOne(engine, rows);
            for (int round = 0; round < 20; round++) {
                int count = 1 + random.nextInt(CAPACITY);
                int[] order = random.ints(count, 0, CAPACITY).toArray();
                byte[][] picked =
                        Arrays.stream(order).mapToObj(i -> rows[i]).toArray(byte[][]::new);
                byte[][] wanted =
                        Arrays.stream(order).mapToObj(i -> expected[i]).toArray(byte[][]::new);
                checkScores(engine, Rows.score(engine, engine.slots().get(0), picked), wanted);
            }
        }
    }

    private static byte[][] oneByOne(Engine engine, byte[][] rows) {
        return Arrays.stream(rows)
                .map(row -> Rows.score(engine, engine.slots().get(0), new byte[][] {row})[0])
                .toArray(byte[][]::new);
    }

    /** Equal bits where the engine promises them, else close floats. */
    private static void checkScores(Engine engine, byte[][] scores, byte[][] expected) {
        assertThat(scores).hasNumberOfRows(expected.length);
        for (int row = 0; row < expected.length; row++) {
            if (engine.description().exactness() != Exactness.NONE) {
                assertThat(scores[row]).as("row %d", row).isEqualTo(expected[row]);
                continue;
            }
            ByteBuffer is = ByteBuffer.wrap(scores[row]).order(ByteOrder.nativeOrder());
            ByteBuffer wanted = ByteBuffer.wrap(expected[row]).order(ByteOrder.nativeOrder());
            for (int at = 0; at < scores[row].length; at += Float.BYTES) {
                assertThat(is.getFloat(at))
                        .as("row %d", row)
                        .isCloseTo(wanted.getFloat(at), org.assertj.core.data.Offset.offset(1e-5f));
            }
        }
    }

    @Test
    void keepsHostileRowsFromTheirNeighbours() throws EngineException {
        try (Engine engine = openMlp()) {
            byte[][] rows = randomRows(engine, 40);
            byte[][] expected = oneByOne(engine, rows);
            byte[][] mixed = rows.clone();
            List<Float> hostile =
                    List.of(Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 3e38f);
            for (int row = 0; row < mixed.length; row += 3) {
                float value = hostile.get(random.nextInt(hostile.size()));
                mixed[row] = Rows.constant(engine.signature(), value);
            }
            byte[][] scores = Rows.score(engine, engine.slots().get(1), mixed);
            for (int row = 0; row < mixed.length; row++) {
                if (row % 3 != 0) {
                    checkScores(engine, new byte[][] {scores[row]}, new byte[][] {expected[row]});
                }
            }
        }
    }

    @Test
    void completesEverySubmissionOnceWithAllSlotsInFlight() throws EngineException {
        try (Engine engine = openMlp()) {
            List<Submission> submissions = new ArrayList<>();
            for (int round = 0; round < 50; round++) {
                List<Submission> inFlight = new ArrayList<>();
                byte[][][] rows = new byte[SLOTS][][];
                for (Slot slot : engine.slots()) {
                    rows[slot.index()] = randomRows(engine, 1 + random.nextInt(CAPACITY));
                    for (int row = 0; row < rows[slot.index()].length; row++) {
                        Rows.write(engine.signature(), slot, row, rows[slot.index()][row]);
                    }
                }
                for (Slot slot : engine.slots()) {
                    inFlight.add(Submission.of(engine, slot, rows[slot.index()].length));
                }
                inFlight.forEach(Submission::awaitScored);
                for (Slot slot : engine.slots()) {
                    assertThat(inFlight.get(slot.index()).slot()).isSameAs(slot);
                    byte[] last =
                            Rows.readOutput(
                                    engine.signature(), slot, rows[slot.index()].length - 1);
                    byte[] row = rows[slot.index()][rows[slot.index()].length - 1];
                    byte[][] again = Rows.score(engine, slot, new byte[][] {row});
                    checkScores(engine, new byte[][] {last}, again);
                }
                submissions.addAll(inFlight);
            }
            assertThat(submissions).allMatch(submission -> submission.completions() == 1);
        }
    }

    @Test
    void completesOnAThreadOfItsOwn() throws EngineException {
        try (Engine engine = openMlp()) {
            Submission submission = Submission.of(engine, engine.slots().get(0), 1);
            submission.awaitScored();
            assertThat(submission.thread()).isNotSameAs(Thread.currentThread());
        }
    }

    @Test
    void outlivesAListenerThatThrows() throws EngineException {
        try (Engine engine = openMlp()) {
            Submission heard = new Submission();
            engine.submit(
                    engine.slots().get(0),
                    1,
                    new CompletionListener() {
                        @Override
                        public void onScored(Slot slot) {
                            heard.onScored(slot);
                            throw new IllegalStateException("thrown by the test");
                        }

                        @Override
                        public void onFailed(Slot slot, EngineException failure) {
                            heard.onFailed(slot, failure);
                        }
                    });
            heard.awaitScored();
            Submission.of(engine, engine.slots().get(1), 1).awaitScored();
            assertThat(heard.completions()).isEqualTo(1);
        }
    }

    @Test
    void refusesWhatIsNotASubmission() throws EngineException {
        try (Engine engine = openMlp();
                Engine other = openMlp()) {
            Slot slot = engine.slots().get(0);
            Submission listener = new Submission();
            assertThatThrownBy(() -> engine.submit(slot, 0, listener))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> engine.submit(slot, CAPACITY + 1, listener))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(Integer.toString(CAPACITY));
            assertThatThrownBy(() -> engine.submit(other.slots().get(0), 1, listener))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> engine.submit(slot, 1, null))
                    .isInstanceOf(NullPointerException.class);
            Submission.of(engine, slot, 1).awaitScored();
            assertThat(listener.completions()).isZero();
        }
    }

    @Test
    void refusesASlotThatIsInFlight() throws EngineException {
        try (Engine engine = openMlp()) {
            Semaphore entered = new Semaphore(0);
            Semaphore release = new Semaphore(0);
            engine.submit(engine.slots().get(0), 1, new BlockingListener(entered, release));
            entered.acquireUninterruptibly();
            Submission waiting = Submission.of(engine, engine.slots().get(1), 1);
            boolean sameThread = waiting.completions() == 0;
            try {
                assumeThat(sameThread).as("completions come one after another").isTrue();
                assertThatThrownBy(() -> engine.submit(engine.slots().get(1), 1, new Submission()))
                        .isInstanceOf(IllegalStateException.class);
            } finally {
                release.release();
            }
            waiting.awaitScored();
            assertThat(waiting.completions()).isEqualTo(1);
        }
    }

    private record BlockingListener(Semaphore entered, Semaphore release)
            implements CompletionListener {
        @Override
        public void onScored(Slot slot) {
            entered.release();
            release.acquireUninterruptibly();
        }

        @Override
        public void onFailed(Slot slot, EngineException failure) {
            onScored(slot);
        }
    }

    @Test
    void completesWhatIsInFlightWhenItIsClosed() throws EngineException {
        for (int round = 0; round < 10; round++) {
            List<Submission> submissions = new ArrayList<>();
            Engine engine = openMlp();
            try (engine) {
                for (Slot slot : engine.slots()) {
                    submissions.add(Submission.of(engine, slot, CAPACITY));
                }
            }
            assertThat(submissions).allMatch(submission -> submission.completions() == 1);
            engine.close();
            assertThatThrownBy(() -> engine.submit(engine.slots().get(0), 1, new Submission()))
                    .isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void leavesTheInputsAsTheyWere() throws EngineException {
        try (Engine engine = openMlp()) {
            Slot slot = engine.slots().get(0);
            byte[][] rows = randomRows(engine, CAPACITY);
            for (int row = 0; row < CAPACITY; row++) {
                Rows.write(engine.signature(), slot, row, rows[row]);
            }
            for (int count : new int[] {1, 17, CAPACITY}) {
                Submission.of(engine, slot, count).awaitScored();
                for (int row = 0; row < CAPACITY; row++) {
                    assertThat(Rows.readInput(engine.signature(), slot, row)).isEqualTo(rows[row]);
                }
                assertThat(slot.input(0).position()).isZero();
                assertThat(slot.input(0).limit()).isEqualTo(slot.input(0).capacity());
            }
        }
    }

    @Test
    void failsOnARowItCannotScoreAndGoesOn() throws EngineException {
        try (Engine engine = open(TestModels.embedding(50, 4, 3), CAPACITY, SLOTS)) {
            ModelSignature signature = engine.signature();
            Slot slot = engine.slots().get(0);
            byte[][] rows = randomRows(engine, 20);
            byte[][] expected = Rows.score(engine, slot, rows);
            ByteBuffer.wrap(rows[13]).order(ByteOrder.nativeOrder()).putLong(0, 1_000_000);
            Rows.write(signature, slot, 13, rows[13]);
            EngineException failure = Submission.of(engine, slot, 20).await();
            assertThat(failure).isNotNull();
            assertThat(failure.kind()).isEqualTo(EngineException.Kind.BAD_INPUT);
            for (int row = 0; row < rows.length; row++) {
                assertThat(Rows.readInput(signature, slot, row)).isEqualTo(rows[row]);
            }
            checkScores(
                    engine,
                    Rows.score(engine, slot, Arrays.copyOf(rows, 13)),
                    Arrays.copyOf(expected, 13));
            checkScores(
                    engine,
                    Rows.score(engine, slot, Arrays.copyOfRange(rows, 14, 20)),
                    Arrays.copyOfRange(expected, 14, 20));
        }
    }

    @Test
    void countsWhatItDid() throws EngineException {
        try (Engine engine = openMlp()) {
            EngineStatistics before = engine.statistics();
            for (int round = 0; round < 4; round++) {
                Rows.score(engine, engine.slots().get(0), randomRows(engine, 9));
            }
            EngineStatistics after = engine.statistics();
            assertThat(after.submissions() - before.submissions()).isEqualTo(4);
            assertThat(after.rows() - before.rows()).isEqualTo(36);
            assertThat(after.kernelNanos()).isGreaterThan(before.kernelNanos());
            assertThat(after.pinnedBytes())
                    .isGreaterThanOrEqualTo((long) SLOTS * CAPACITY * (12 + 5) * 4)
                    .isEqualTo(before.pinnedBytes());
            assertThat(after.deviceBytes()).isEqualTo(before.deviceBytes());
        }
    }

    /** Once its code is compiled, which takes as long as it takes. */
    @Test
    void allocatesLittlePerSubmission() throws EngineException {
        com.sun.management.ThreadMXBean threads =
                (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (Engine engine = openMlp()) {
            CountingListener listener = new CountingListener();
            Slot slot = engine.slots().get(0);
            submitRepeatedly(engine, slot, listener, 500);
            long engineThread = listener.thread.getId();
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            long callerBytes;
            long ownBytes;
            do {
                long caller = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
                long own = threads.getThreadAllocatedBytes(engineThread);
                submitRepeatedly(engine, slot, listener, 500);
                callerBytes =
                        threads.getThreadAllocatedBytes(Thread.currentThread().getId()) - caller;
                ownBytes = threads.getThreadAllocatedBytes(engineThread) - own;
            } while (ownBytes / 500 > ENGINE_BYTES_PER_SUBMISSION && System.nanoTime() < deadline);
            assertThat(callerBytes / 500).isLessThanOrEqualTo(CALLER_BYTES_PER_SUBMISSION);
            assertThat(ownBytes / 500).isLessThanOrEqualTo(ENGINE_BYTES_PER_SUBMISSION);
        }
    }

    private static void submitRepeatedly(
            Engine engine, Slot slot, CountingListener listener, int times) {
        for (int i = 0; i < times; i++) {
            engine.submit(slot, 1 + i % CAPACITY, listener);
            listener.completed.acquireUninterruptibly();
        }
    }

    private static final class CountingListener implements CompletionListener {
        private final Semaphore completed = new Semaphore(0);
        private volatile Thread thread;

        @Override
        public void onScored(Slot slot) {
            thread = Thread.currentThread();
            completed.release();
        }

        @Override
        public void onFailed(Slot slot, EngineException failure) {
            completed.release();
        }
    }

    @Test
    void refusesWhatIsNotAModel() {
        ModelArtifact garbage = new ModelArtifact("garbage", "1", new byte[] {1, 2, 3}, "bytes");
        assertThatThrownBy(() -> open(garbage, CAPACITY, SLOTS))
                .isInstanceOfSatisfying(
                        EngineException.class,
                        e -> assertThat(e.kind()).isEqualTo(EngineException.Kind.MODEL));
    }

    @Test
    void refusesSettingsItDoesNotKnow() {
        EngineOptions options =
                new EngineOptions(
                        backend(),
                        CAPACITY,
                        SLOTS,
                        Precision.FP32,
                        0,
                        Map.of(backend() + ".no-such-setting", "1"));
        assertThatThrownBy(() -> Engines.open(TestModels.linear(3, 1), options))
                .isInstanceOf(EngineException.class)
                .hasMessageContaining("no-such-setting");
    }
}
