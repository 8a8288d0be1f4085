package dev.millrace.gpu.onnxruntime;

import ai.onnxruntime.OrtException;
import dev.millrace.gpu.engine.CompletionListener;
import dev.millrace.gpu.engine.Engine;
import dev.millrace.gpu.engine.EngineDescription;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.EngineStatistics;
import dev.millrace.gpu.engine.ModelArtifact;
import dev.millrace.gpu.engine.ModelSignature;
import dev.millrace.gpu.engine.Precision;
import dev.millrace.gpu.engine.Slot;
import dev.millrace.gpu.engine.SlotQueue;
import dev.millrace.gpu.onnx.OnnxModel;
import dev.millrace.gpu.onnxruntime.OrtModelLoader.Loaded;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An engine on ONNX Runtime. One thread takes submitted slots in order, scores them in place and
 * completes them.
 */
final class OnnxRuntimeEngine implements Engine {
    private static final Logger LOG = LoggerFactory.getLogger(OnnxRuntimeEngine.class);

    private final EngineDescription description;
    private final Loaded loaded;
    private final List<OnnxRuntimeSlot> slots;
    private final BlockRunner runner;
    private final SlotQueue<OnnxRuntimeSlot> queue;
    private final Thread thread;
    private final long memoryBytes;
    private boolean closed;

    private volatile long submissions;
    private volatile long rows;
    private volatile long computeNanos;

    private OnnxRuntimeEngine(
            ModelArtifact artifact,
            Loaded loaded,
            List<OnnxRuntimeSlot> slots,
            BlockRunner runner,
            String reason) {
        this.loaded = loaded;
        this.slots = List.copyOf(slots);
        this.runner = runner;
        this.memoryBytes = runner.bytes() + slots.stream().mapToLong(OnnxRuntimeSlot::bytes).sum();
        this.description =
                new EngineDescription(
                        OnnxRuntimeBackend.NAME,
                        "CPU (" + System.getProperty("os.arch") + ")",
                        Precision.FP32,
                        loaded.shapes().exactness(),
                        reason + "; " + loaded.shapes().finding());
        this.queue = new SlotQueue<>(slots.size());
        this.thread = new Thread(this::work, "millrace-onnxruntime-" + artifact.version());
        thread.setDaemon(true);
        thread.start();
    }

    static OnnxRuntimeEngine open(
            ModelArtifact artifact,
            OnnxModel model,
            EngineOptions options,
            OnnxRuntimeSettings settings,
            String reason)
            throws EngineException {
        OrtModelLoader loader =
                new OrtModelLoader(artifact, OrtProcess.get(), settings, options.maxBatchSize());
        Loaded loaded = loader.load(model);
        List<OnnxRuntimeSlot> slots = new ArrayList<>();
        try {
            for (int index = 0; index < options.slots(); index++) {
                slots.add(
                        new OnnxRuntimeSlot(
                                index, options.maxBatchSize(), loaded.model(), loaded.shapes()));
            }
            BlockRunner runner = new BlockRunner(loaded.model(), loaded.shapes());
            return new OnnxRuntimeEngine(artifact, loaded, slots, runner, reason);
        } catch (OrtException e) {
            free(slots, loaded);
            throw OrtFailure.atOpen(artifact.toString(), e);
        } catch (ArithmeticException | OutOfMemoryError e) {
            free(slots, loaded);
            throw noMemory(options, loaded.model().signature(), e);
        }
    }

    /** A slot beyond 2 GiB never fits; otherwise memory may be free later. */
    private static EngineException noMemory(
            EngineOptions options, ModelSignature signature, Throwable cause) {
        EngineException.Kind kind =
                cause instanceof ArithmeticException
                        ? EngineException.Kind.MODEL
                        : EngineException.Kind.RETRYABLE;
        return new EngineException(
                kind,
                "No memory for %d slots of %d rows of %d bytes (at most 2 GiB for one tensor of a slot); lower the batch size or raise -XX:MaxDirectMemorySize: %s"
                        .formatted(
                                options.slots(),
                                options.maxBatchSize(),
                                signature.inputRowBytes() + signature.outputRowBytes(),
                                cause.getMessage()),
                cause);
    }

    @Override
    public EngineDescription description() {
        return description;
    }

    @Override
    public ModelSignature signature() {
        return loaded.model().signature();
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
        if (!(slot instanceof OnnxRuntimeSlot own)
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
        for (OnnxRuntimeSlot slot = queue.take(); slot != null; slot = queue.take()) {
            complete(slot, score(slot));
        }
    }

    /** Scores a slot; returns what went wrong, or null. */
    private EngineException score(OnnxRuntimeSlot slot) {
        long start = System.nanoTime();
        try {
            runner.run(slot);
            return null;
        } catch (OrtException e) {
            return OrtFailure.atRun(slot.rows(), e);
        } catch (RuntimeException | Error e) {
            return new EngineException(
                    EngineException.Kind.RETRYABLE,
                    "A micro-batch of %d rows failed: %s".formatted(slot.rows(), e),
                    e);
        } finally {
            count(slot.rows(), System.nanoTime() - start);
        }
    }

    /** Only the engine's thread writes the figures. */
    @SuppressWarnings("NonAtomicVolatileUpdate")
    private void count(int scoredRows, long nanos) {
        submissions++;
        rows += scoredRows;
        computeNanos += nanos;
    }

    private static void complete(OnnxRuntimeSlot slot, EngineException failure) {
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
        return new EngineStatistics(
                submissions, rows, 0, computeNanos, 0, 0, false, memoryBytes, 0);
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        queue.close();
        joinUninterruptibly();
        runner.close();
        free(slots, loaded);
    }

    private void joinUninterruptibly() {
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
    }

    private static void free(List<OnnxRuntimeSlot> slots, Loaded loaded) {
        slots.forEach(OnnxRuntimeSlot::close);
        try {
            loaded.session().close();
        } catch (OrtException e) {
            LOG.warn("ONNX Runtime could not close a session", e);
        }
    }
}
