package dev.millrace.gpu.cuda;

import dev.millrace.gpu.engine.CompletionListener;
import dev.millrace.gpu.engine.Engine;
import dev.millrace.gpu.engine.EngineDescription;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.EngineStatistics;
import dev.millrace.gpu.engine.ModelSignature;
import dev.millrace.gpu.engine.Slot;
import dev.millrace.gpu.model.Plan;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Scores a plan on a GPU. One thread makes every driver call: it opens the device, sends submitted
 * slots, sees their events, completes them and frees everything.
 */
final class CudaEngine implements Engine {
    private final ModelSignature signature;
    private final SubmissionQueue queue;
    private final EngineThread thread;
    private final List<CudaSlot> slots;
    private boolean closed;

    private CudaEngine(ModelSignature signature, SubmissionQueue queue, EngineThread thread)
            throws EngineException {
        this.signature = signature;
        this.queue = queue;
        this.thread = thread;
        this.slots = List.copyOf(thread.start());
    }

    /**
     * Opens an engine for a plan.
     *
     * @param name the model's name and version, for the thread's name and messages
     * @param reason why this backend was chosen
     */
    static CudaEngine open(
            String name, Plan plan, EngineOptions options, CudaSettings settings, String reason)
            throws EngineException {
        SubmissionQueue queue = new SubmissionQueue(options.slots());
        EngineThread thread = new EngineThread(name, plan, options, settings, reason, queue);
        return new CudaEngine(plan.signature(), queue, thread);
    }

    @Override
    public EngineDescription description() {
        return thread.description();
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
        return thread.batchLimit();
    }

    @Override
    public void submit(Slot slot, int submittedRows, CompletionListener listener) {
        Objects.requireNonNull(listener, "listener");
        if (!(slot instanceof CudaSlot own)
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

    @Override
    public Optional<String> deviceId() {
        return Optional.of(thread.deviceId());
    }

    @Override
    public EngineStatistics statistics() {
        return thread.figures().snapshot();
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        queue.close();
        thread.join();
    }
}
