package dev.millrace.operator.inference;

import dev.millrace.gpu.engine.CompletionListener;
import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.engine.Engine;
import dev.millrace.gpu.engine.EngineDescription;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.EngineStatistics;
import dev.millrace.gpu.engine.Exactness;
import dev.millrace.gpu.engine.ModelSignature;
import dev.millrace.gpu.engine.ModelVersion;
import dev.millrace.gpu.engine.Precision;
import dev.millrace.gpu.engine.Slot;
import dev.millrace.gpu.engine.TensorSpec;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.LongPredicate;

/**
 * An engine whose model is {@code y = 2 * x + 1} on one int64, and which stalls, fails and answers
 * out of order on demand.
 *
 * <p>Completes inside {@link #submit} unless told otherwise: {@link #completeManually} keeps
 * submissions until a test completes them, in any order; {@link #completeOnThread} completes on a
 * thread of its own, as real engines do. Checks its caller: slots are this engine's, not in flight,
 * and nothing is submitted after close.
 */
public final class TestingEngine implements Engine, VersionChoice {
    /** Scores a value as the model does. */
    public static long score(long value) {
        return 2 * value + 1;
    }

    /** Features of the model: an element is its own feature. */
    public static final FeatureWriter<Long> FEATURES =
            (element, slot, row) -> slot.input(0).putLong(row * Long.BYTES, element);

    /** Scores of the model. */
    public static final ScoreReader<Long, Long> SCORES =
            (element, slot, row) -> slot.output(0).getLong(row * Long.BYTES);

    private static final List<TensorSpec> INPUTS =
            List.of(new TensorSpec("x", ElementType.INT64, List.of()));
    private static final List<TensorSpec> OUTPUTS =
            List.of(new TensorSpec("y", ElementType.INT64, List.of()));

    /** A submission that waits for its completion. */
    private record Submission(Slot slot, int rows, CompletionListener listener) {}

    private final List<TestingSlot> slots = new ArrayList<>();
    private final boolean[] inFlight;
    private final Deque<EngineException> failures = new ArrayDeque<>();
    private final List<Submission> waiting = new ArrayList<>();
    private final List<Integer> submittedRows = new ArrayList<>();
    private LongPredicate guilty = value -> false;
    private EngineException guiltyFailure;
    private volatile int batchLimit;
    private volatile boolean fallback;
    private volatile ModelVersion version = TestingEngineProvider.VERSION;
    private String deviceId;
    private boolean manual;
    private ExecutorService thread;
    private Submission last;
    private long rowsScored;
    private int closes;

    public TestingEngine(int capacity, int slotCount) {
        for (int index = 0; index < slotCount; index++) {
            slots.add(TestingSlot.allocate(index, capacity, INPUTS, OUTPUTS));
        }
        inFlight = new boolean[slotCount];
        batchLimit = capacity;
    }

    /** Keeps submissions until {@link #complete} is called. */
    public synchronized TestingEngine completeManually() {
        manual = true;
        return this;
    }

    /** Completes on a thread of the engine. */
    public synchronized TestingEngine completeOnThread() {
        thread = Executors.newSingleThreadExecutor(task -> new Thread(task, "testing-engine"));
        return this;
    }

    /** Fails every submission that contains a guilty value, with bad input. */
    public synchronized TestingEngine guiltyIf(LongPredicate predicate) {
        guilty = predicate;
        return this;
    }

    /** Fails every submission that contains such a value, with a failure of choice. */
    public synchronized TestingEngine failIf(LongPredicate predicate, EngineException chosen) {
        guilty = predicate;
        guiltyFailure = chosen;
        return this;
    }

    /** Fails the next submissions, one failure each. */
    public synchronized TestingEngine failNext(EngineException... next) {
        failures.addAll(List.of(next));
        return this;
    }

    /** Names a device to be watched. */
    public TestingEngine onDevice(String id) {
        deviceId = id;
        return this;
    }

    /** Says from now on that its twin scores. */
    public TestingEngine fallBack() {
        fallback = true;
        return this;
    }

    /** Scores with another version from now on. */
    public TestingEngine release(ModelVersion next) {
        version = next;
        return this;
    }

    @Override
    public ModelVersion scoringVersion() {
        return version;
    }

    @Override
    public Optional<String> deviceId() {
        return Optional.ofNullable(deviceId);
    }

    /** Asks for smaller micro-batches. */
    public TestingEngine limitBatches(int rows) {
        batchLimit = rows;
        return this;
    }

    /** Number of submissions that wait for {@link #complete}. */
    public synchronized int waiting() {
        return waiting.size();
    }

    /** Rows of every submission so far, in order. */
    public synchronized List<Integer> submittedRows() {
        return List.copyOf(submittedRows);
    }

    public synchronized int closes() {
        return closes;
    }

    /** Completes a waiting submission; position 0 is the oldest. */
    public void complete(int position) {
        Submission submission;
        synchronized (this) {
            submission = waiting.remove(position);
        }
        finish(submission);
    }

    /** Breaks the contract: tells the last submission's listener once more. */
    public void completeLastAgain() {
        Submission submission;
        synchronized (this) {
            submission = last;
        }
        submission.listener().onScored(submission.slot());
    }

    /** Completes whatever waits, oldest first, and what is submitted meanwhile. */
    public void completeAll() {
        while (waiting() > 0) {
            complete(0);
        }
    }

    @Override
    public EngineDescription description() {
        return new EngineDescription(
                "testing",
                fallback ? "twin" : "CPU",
                Precision.FP32,
                Exactness.PORTABLE,
                "it is the only one");
    }

    @Override
    public ModelSignature signature() {
        return new ModelSignature(INPUTS, OUTPUTS);
    }

    @Override
    public List<? extends Slot> slots() {
        return slots;
    }

    @Override
    public int batchLimit() {
        return batchLimit;
    }

    @Override
    public void submit(Slot slot, int rows, CompletionListener listener) {
        Submission submission = new Submission(slot, rows, listener);
        synchronized (this) {
            accept(submission);
            if (manual) {
                waiting.add(submission);
                return;
            }
            if (thread != null) {
                thread.execute(() -> finish(submission));
                return;
            }
        }
        finish(submission);
    }

    private void accept(Submission submission) {
        Slot slot = submission.slot();
        if (closes > 0) {
            throw new IllegalStateException("The engine is closed");
        }
        if (slots.get(slot.index()) != slot || submission.rows() < 1) {
            throw new IllegalArgumentException("Not a submission for this engine: " + submission);
        }
        if (submission.rows() > slot.capacity()) {
            throw new IllegalArgumentException("Too many rows: " + submission.rows());
        }
        if (inFlight[slot.index()]) {
            throw new IllegalStateException("Slot %d is in flight".formatted(slot.index()));
        }
        inFlight[slot.index()] = true;
        submittedRows.add(submission.rows());
        last = submission;
    }

    private void finish(Submission submission) {
        EngineException failure;
        synchronized (this) {
            failure = failures.isEmpty() ? score(submission) : failures.poll();
            inFlight[submission.slot().index()] = false;
        }
        if (failure == null) {
            submission.listener().onScored(submission.slot());
        } else {
            submission.listener().onFailed(submission.slot(), failure);
        }
    }

    /** Scores a submission, or gives the failure of its first guilty row. */
    private EngineException score(Submission submission) {
        Slot slot = submission.slot();
        for (int row = 0; row < submission.rows(); row++) {
            long value = slot.input(0).getLong(row * Long.BYTES);
            if (guilty.test(value)) {
                // Garbage on purpose: outputs mean nothing after a failure.
                slot.output(0).putLong(0, Long.MIN_VALUE);
                return guiltyFailure != null
                        ? guiltyFailure
                        : new EngineException(
                                EngineException.Kind.BAD_INPUT, "value " + value + " is guilty");
            }
            slot.output(0).putLong(row * Long.BYTES, score(value));
        }
        rowsScored += submission.rows();
        return null;
    }

    @Override
    public synchronized EngineStatistics statistics() {
        return new EngineStatistics(
                submittedRows.size(), rowsScored, 0, 0, 0, 0, false, 16L * slots.size(), 0);
    }

    @Override
    public void close() {
        ExecutorService running;
        synchronized (this) {
            closes++;
            running = thread;
        }
        if (running != null) {
            running.shutdown();
            try {
                if (!running.awaitTermination(10, TimeUnit.SECONDS)) {
                    throw new IllegalStateException("The engine's thread does not end");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        completeAll();
    }
}
