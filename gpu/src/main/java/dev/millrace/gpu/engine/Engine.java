package dev.millrace.gpu.engine;

import java.util.List;
import java.util.Optional;

/**
 * An open instance that scores micro-batches with one model.
 *
 * <p><b>Memory.</b> All slots, and all device memory, are allocated before the engine is handed out
 * and never grow. {@link #close()} frees them.
 *
 * <p><b>Threads.</b> {@link #submit} and {@link #close} are called by one thread, the owner's. The
 * other methods may be called by any thread. Completions arrive on a thread of the engine; they
 * need not come in the order of submission.
 */
public interface Engine extends AutoCloseable {
    /** What scores, and how exactly. Changes when the engine falls back to its twin. */
    EngineDescription description();

    ModelSignature signature();

    /** The slots, all of the same capacity. The same list for the engine's whole life. */
    List<? extends Slot> slots();

    /**
     * The most rows a submission should have at present: the slots' capacity, or less while device
     * memory is short. A submission above it is still scored, in parts.
     */
    int batchLimit();

    /**
     * Scores the first {@code rows} rows of a slot. Returns at once; the listener is called exactly
     * once, also when the engine is closed meanwhile.
     *
     * @throws IllegalArgumentException if the slot is not this engine's or {@code rows} is not in
     *     1..capacity
     * @throws IllegalStateException if the slot is in flight already or the engine is closed
     */
    void submit(Slot slot, int rows, CompletionListener listener);

    /**
     * Which device the engine was opened on, for whoever watches devices: the PCI bus id of a GPU,
     * for example {@code 0000:65:00.0}. Empty where the CPU scores by choice; a fallback changes
     * nothing.
     */
    default Optional<String> deviceId() {
        return Optional.empty();
    }

    /** Cumulative figures since the engine was opened. */
    EngineStatistics statistics();

    /**
     * Waits for running work, completes what was submitted and frees all memory. Idempotent. The
     * slots' buffers must not be touched afterwards.
     */
    @Override
    void close();
}
