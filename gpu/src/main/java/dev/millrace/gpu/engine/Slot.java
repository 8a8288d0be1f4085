package dev.millrace.gpu.engine;

import java.nio.ByteBuffer;

/**
 * The reusable buffers of one micro-batch: a pinned input buffer per model input and a pinned
 * output buffer per model output. Row {@code r} of a tensor starts at byte {@code r * rowBytes}.
 *
 * <p>Owned by its engine, which allocates at open and frees at close. Between acquiring a slot and
 * submitting it the caller writes the inputs; between completion and the next use it reads the
 * outputs; in between the engine owns the memory. Access buffers by absolute position only: they
 * are shared, and their position and limit must stay untouched.
 */
public interface Slot {
    /** Position of this slot in {@link Engine#slots()}. */
    int index();

    /** The most rows that fit. Never changes. */
    int capacity();

    /** The whole direct input buffer, in native byte order. */
    ByteBuffer input(int inputIndex);

    /**
     * The whole direct output buffer, in native byte order. May be another one after a submission
     * than before it, if the engine fell back to its twin meanwhile: ask after every completion.
     */
    ByteBuffer output(int outputIndex);
}
