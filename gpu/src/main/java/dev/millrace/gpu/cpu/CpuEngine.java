package dev.millrace.gpu.cpu;

import dev.millrace.gpu.engine.CompletionListener;
import dev.millrace.gpu.engine.Engine;
import dev.millrace.gpu.engine.EngineDescription;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.EngineStatistics;
import dev.millrace.gpu.engine.Exactness;
import dev.millrace.gpu.engine.ModelSignature;
import dev.millrace.gpu.engine.Precision;
import dev.millrace.gpu.engine.Slot;
import dev.millrace.gpu.engine.SlotQueue;
import dev.millrace.gpu.interpreter.PreparedPlan;
import dev.millrace.gpu.model.Plan;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Scores a plan on the CPU. One thread takes submitted slots in order, scores them in place and
 * completes them; it may have others help it with the rows of one.
 *
 * <p>Opening scores rows of zeros for a moment, so that the first micro-batches meet compiled code:
 * uncompiled, the Vector API allocates and is slower than anything else.
 */
public final class CpuEngine implements Engine {
    /** The backend's name. */
    static final String BACKEND = "cpu";

    private static final Logger LOG = LoggerFactory.getLogger(CpuEngine.class);
    private static final long WARM_UP_NANOS = 300_000_000;
    private static final int WARM_UP_ROWS = 256;
    private static final int WARM_UP_RUNS = 3000;

    private final ModelSignature signature;
    private final EngineDescription description;
    private final CpuScorer scorer;
    private final Runnable afterClose;
    private final List<CpuSlot> slots;
    private final SlotQueue<CpuSlot> queue;
    private final Thread thread;
    private final long slotBytes;
    private boolean closed;

    private volatile long submissions;
    private volatile long rows;
    private volatile long computeNanos;

    private CpuEngine(
            String name,
            ModelSignature signature,
            CpuScorer scorer,
            List<CpuSlot> slots,
            EngineDescription description,
            Runnable afterClose) {
        this.signature = signature;
        this.scorer = scorer;
        this.slots = List.copyOf(slots);
        this.description = description;
        this.afterClose = afterClose;
        this.slotBytes = slots.stream().mapToLong(CpuSlot::bytes).sum();
        this.queue = new SlotQueue<>(slots.size());
        this.thread = new Thread(this::work, "millrace-cpu-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * Opens an engine for a plan that it shares with no other.
     *
     * @param name the model's name and version, for the thread's name and messages
     * @param reason why this backend was chosen
     */
    public static CpuEngine open(String name, Plan plan, EngineOptions options, String reason)
            throws EngineException {
        PreparedPlan prepared = CpuScorer.prepare(plan, CpuSettings.of(options).layers());
        return open(name, prepared, () -> {}, options, reason);
    }

    /**
     * @param afterClose called once the engine no longer uses the plan, if it was opened at all
     */
    static CpuEngine open(
            String name,
            PreparedPlan prepared,
            Runnable afterClose,
            EngineOptions options,
            String reason)
            throws EngineException {
        CpuSettings settings = CpuSettings.of(options);
        ModelSignature signature = prepared.plan().signature();
        int capacity = options.maxBatchSize();
        List<CpuSlot> slots = new ArrayList<>();
        CpuScorer scorer = null;
        try {
            scorer = CpuScorer.open("millrace-cpu-" + name, prepared, capacity, settings.threads());
            for (int index = 0; index < options.slots(); index++) {
                slots.add(new CpuSlot(index, capacity, signature));
            }
            warmUp(scorer, slots.get(0));
            EngineDescription description = describe(settings, reason);
            return new CpuEngine(name, signature, scorer, slots, description, afterClose);
        } catch (ArithmeticException | OutOfMemoryError e) {
            free(slots, scorer);
            throw noMemory(name, options, signature, e);
        } catch (RuntimeException | Error e) {
            free(slots, scorer);
            throw e;
        }
    }

    private static void free(List<CpuSlot> slots, CpuScorer scorer) {
        slots.forEach(CpuSlot::close);
        if (scorer != null) {
            scorer.close();
        }
    }

    /** A slot beyond 2 GiB never fits; otherwise memory may be free later. */
    private static EngineException noMemory(
            String name, EngineOptions options, ModelSignature signature, Throwable cause) {
        EngineException.Kind kind =
                cause instanceof ArithmeticException
                        ? EngineException.Kind.MODEL
                        : EngineException.Kind.RETRYABLE;
        return new EngineException(
                kind,
                "No memory to score %s in %d slots of %d rows of %d bytes (at most 2 GiB for one tensor of a slot); lower the batch size or raise -Xmx and -XX:MaxDirectMemorySize: %s"
                        .formatted(
                                name,
                                options.slots(),
                                options.maxBatchSize(),
                                signature.inputRowBytes() + signature.outputRowBytes(),
                                cause.getMessage()),
                cause);
    }

    private static EngineDescription describe(CpuSettings settings, String reason) {
        String device =
                "CPU (%s, %s%s)"
                        .formatted(
                                System.getProperty("os.arch"),
                                settings.layers(),
                                settings.threads() == 1
                                        ? ""
                                        : ", " + settings.threads() + " threads");
        return new EngineDescription(BACKEND, device, Precision.FP32, Exactness.PORTABLE, reason);
    }

    private static void warmUp(CpuScorer scorer, CpuSlot slot) {
        int count = Math.min(WARM_UP_ROWS, slot.capacity());
        long start = System.nanoTime();
        for (int run = 0; run < WARM_UP_RUNS; run++) {
            scorer.score(slot.buffers(), count);
            if (System.nanoTime() - start > WARM_UP_NANOS) {
                return;
            }
        }
    }

    @Override
    public EngineDescription description() {
        return description;
    }

    @Override
    public ModelSignature signature() {
        return signature;
    }

    @Override
    public List<? extends Slot> slots() {
        return slots;
    }

    @Override
    public int batchLimit() {
        return slots.get(0).capacity();
    }

    @Override
    public void submit(Slot slot, int submittedRows, CompletionListener listener) {
        Objects.requireNonNull(listener, "listener");
        if (!(slot instanceof CpuSlot own)
                || own.index() >= slots.size()
                || slots.get(own.index()) != own) {
            throw new IllegalArgumentException("Not a slot of this engine: " + slot);
        }
        if (submittedRows < 1 || submittedRows > own.capacity()) {
            throw new IllegalArgumentException(
                    "A submission of %d rows is not in 1..%d"
                            .formatted(submittedRows, own.capacity()));
        }
        if (closed) {
            throw new IllegalStateException("The engine is closed");
        }
        own.depart(submittedRows, listener);
        queue.put(own);
    }

    private void work() {
        for (CpuSlot slot = queue.take(); slot != null; slot = queue.take()) {
            complete(slot, score(slot));
        }
    }

    /** Scores a slot; returns what went wrong, or null. */
    private EngineException score(CpuSlot slot) {
        long start = System.nanoTime();
        try {
            int fault = scorer.score(slot.buffers(), slot.rows());
            return fault < 0 ? null : atFault(slot, fault);
        } catch (RuntimeException | Error e) {
            return new EngineException(
                    EngineException.Kind.RETRYABLE,
                    "A micro-batch of %d rows failed: %s".formatted(slot.rows(), e),
                    e);
        } finally {
            count(slot.rows(), System.nanoTime() - start);
        }
    }

    private static EngineException atFault(CpuSlot slot, int row) {
        return new EngineException(
                EngineException.Kind.BAD_INPUT,
                "Row %d of a micro-batch of %d cannot be scored: it holds an index that the model has no entry for"
                        .formatted(row, slot.rows()));
    }

    /** Only the engine's thread writes the figures. */
    @SuppressWarnings("NonAtomicVolatileUpdate")
    private void count(int scoredRows, long nanos) {
        submissions++;
        rows += scoredRows;
        computeNanos += nanos;
    }

    private static void complete(CpuSlot slot, EngineException failure) {
        CompletionListener listener = slot.arrive();
        try {
            if (failure == null) {
                listener.onScored(slot);
            } else {
                listener.onFailed(slot, failure);
            }
        } catch (RuntimeException | Error e) {
            LOG.error("A completion listener threw; its micro-batch counts as completed", e);
        }
    }

    @Override
    public EngineStatistics statistics() {
        return new EngineStatistics(submissions, rows, 0, computeNanos, 0, 0, false, slotBytes, 0);
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        queue.close();
        Threads.join(thread);
        free(slots, scorer);
        afterClose.run();
    }
}
