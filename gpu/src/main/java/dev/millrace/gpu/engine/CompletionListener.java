package dev.millrace.gpu.engine;

/**
 * Hears of a micro-batch's end, exactly once per submission, on a thread of the engine. Must not
 * block and must not throw.
 */
public interface CompletionListener {
    /** The outputs of the submitted rows are in the slot's output buffers. */
    void onScored(Slot slot);

    /** No output may be read. The inputs are unchanged, so the rows can be submitted again. */
    void onFailed(Slot slot, EngineException failure);
}
