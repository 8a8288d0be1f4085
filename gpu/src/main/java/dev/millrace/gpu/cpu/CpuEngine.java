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
import dev.millrace.gpu.interpreter.PlanInterpreter;
import dev.millrace.gpu.model.Plan;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Scores a plan on the CPU. One thread takes submitted slots in order, scores them in place and
 * completes them.
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
    private final PlanInterpreter interpreter;
    private final List<CpuSlot> slots;

    /** Slots in flight. Room for the end mark beside all of them, so adding never fails. */
    private final BlockingQueue<Object> queue;

    private final Object end = new Object();
    private final Thread thread;
    private final long slotBytes;
    private boolean closed;

    private volatile long submissions;
    private volatile long rows;
    private volatile long computeNanos;

    private CpuEngine(
            String name,
            Plan plan,
            PlanInterpreter interpreter,
            List<CpuSlot> slots,
            EngineDescription description) {
        this.signature = plan.signature();
        this.interpreter = interpreter;
        this.slots = List.copyOf(slots);
        this.description = description;
        this.slotBytes = slots.stream().mapToLong(CpuSlot::bytes).sum();
        this.queue = new ArrayBlockingQueue<>(slots.size() + 1);
        this.thread = new Thread(this::work, "millrace-cpu-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * Opens an engine for a plan.
     *
     * @param name the model's name and version, for the thread's name and messages
     * @param reason why this backend was chosen
     */
    public static CpuEngine open(String name, Plan plan, EngineOptions options, String reason)
            throws EngineException {
        DenseLayers layers = CpuSettings.of(options).layers();
        List<CpuSlot> slots = new ArrayList<>();
        try {
            PlanInterpreter interpreter =
                    new PlanInterpreter(plan, options.maxBatchSize(), new FastKernels(layers));
            for (int index = 0; index < options.slots(); index++) {
                slots.add(new CpuSlot(index, options.maxBatchSize(), plan.signature()));
            }
            warmUp(interpreter, slots.get(0));
            return new CpuEngine(name, plan, interpreter, slots, describe(layers, reason));
        } catch (ArithmeticException | OutOfMemoryError e) {
            slots.forEach(CpuSlot::close);
            throw new EngineException(
                    EngineException.Kind.RETRYABLE,
                    "No memory to score %s in %d slots of %d rows of %d bytes; lower the batch size or raise -Xmx and -XX:MaxDirectMemorySize: %s"
                            .formatted(
                                    name,
                                    options.slots(),
                                    options.maxBatchSize(),
                                    plan.signature().inputRowBytes()
                                            + plan.signature().outputRowBytes(),
                                    e.getMessage()),
                    e);
        } catch (RuntimeException | Error e) {
            slots.forEach(CpuSlot::close);
            throw e;
        }
    }

    private static EngineDescription describe(DenseLayers layers, String reason) {
        String device = "CPU (%s, %s)".formatted(System.getProperty("os.arch"), layers);
        return new EngineDescription(BACKEND, device, Precision.FP32, Exactness.PORTABLE, reason);
    }

    private static void warmUp(PlanInterpreter interpreter, CpuSlot slot) {
        int count = Math.min(WARM_UP_ROWS, slot.capacity());
        long start = System.nanoTime();
        for (int run = 0; run < WARM_UP_RUNS; run++) {
            interpreter.run(slot.inputs(), slot.outputs(), 0, count);
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
        queue.add(own);
    }

    private void work() {
        Object next = take();
        while (next != end) {
            CpuSlot slot = (CpuSlot) next;
            complete(slot, score(slot));
            next = take();
        }
    }

    /** Nothing but close ends this thread, so an interrupt is nobody's wish. */
    private Object take() {
        while (true) {
            try {
                return queue.take();
            } catch (InterruptedException e) {
                LOG.warn("The engine's thread was interrupted; it goes on until the engine closes");
            }
        }
    }

    /** Scores a slot; returns what went wrong, or null. */
    private EngineException score(CpuSlot slot) {
        long start = System.nanoTime();
        try {
            int fault = interpreter.run(slot.inputs(), slot.outputs(), 0, slot.rows());
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
        queue.add(end);
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        slots.forEach(CpuSlot::close);
    }
}
