package dev.millrace.gpu.cuda;

import dev.millrace.gpu.engine.CompletionListener;
import dev.millrace.gpu.engine.Slot;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A slot in page-locked memory. After the twin took over, its outputs lie in the twin's memory: a
 * copy that never ended may still write into the page-locked ones.
 */
final class CudaSlot implements Slot {
    private final int index;
    private final int capacity;
    private final ByteBuffer[] inputs;
    private volatile ByteBuffer[] outputs;
    private final AtomicBoolean inFlight = new AtomicBoolean();

    // Of the running submission; written by the owner's thread before it queues the slot.
    private int rows;
    private CompletionListener listener;

    // Engine's thread only.
    private int issuedFrom;
    private int issuedRows;
    private boolean timed;
    private long deadlineNanos;
    private boolean onDevice;

    CudaSlot(int index, int capacity, ByteBuffer[] inputs, ByteBuffer[] outputs) {
        this.index = index;
        this.capacity = capacity;
        this.inputs = inputs;
        this.outputs = outputs;
    }

    @Override
    public int index() {
        return index;
    }

    @Override
    public int capacity() {
        return capacity;
    }

    @Override
    public ByteBuffer input(int inputIndex) {
        return inputs[inputIndex];
    }

    @Override
    public ByteBuffer output(int outputIndex) {
        return outputs[outputIndex];
    }

    /** Engine's thread: from here on the outputs are elsewhere. */
    void moveOutputs(ByteBuffer[] elsewhere) {
        outputs = elsewhere;
    }

    int rows() {
        return rows;
    }

    /**
     * Owner's thread: takes the slot into flight.
     *
     * @throws IllegalStateException if it is there already
     */
    void depart(int submittedRows, CompletionListener completionListener) {
        if (!inFlight.compareAndSet(false, true)) {
            throw new IllegalStateException("Slot " + index + " is in flight already");
        }
        rows = submittedRows;
        listener = completionListener;
    }

    /** An engine's thread: takes the slot out of flight; it may be submitted again from here on. */
    CompletionListener arrive() {
        CompletionListener completionListener = listener;
        listener = null;
        inFlight.set(false);
        return completionListener;
    }

    /** Engine's thread: notes what was given to the device. */
    void issued(int from, int count, boolean withTimes, long deadline) {
        issuedFrom = from;
        issuedRows = count;
        timed = withTimes;
        deadlineNanos = deadline;
        onDevice = true;
    }

    /** Engine's thread: nothing of this slot is on the device any more. */
    void leaveDevice() {
        onDevice = false;
    }

    int issuedFrom() {
        return issuedFrom;
    }

    int issuedRows() {
        return issuedRows;
    }

    boolean isTimed() {
        return timed;
    }

    long deadlineNanos() {
        return deadlineNanos;
    }

    boolean isOnDevice() {
        return onDevice;
    }
}
