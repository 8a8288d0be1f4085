package dev.millrace.gpu.cuda.driver;

import jcuda.driver.CUevent;

/** A mark in a stream's work, to be asked after. */
public final class CudaEvent implements AutoCloseable {
    private final CUevent event;
    private boolean closed;

    private CudaEvent(int flags) {
        this.event = CudaDriver.createEvent(flags);
    }

    /** An event that only says whether it was reached: cheaper than one that takes the time. */
    public static CudaEvent forCompletion() {
        return new CudaEvent(CudaDriver.EVENT_DISABLE_TIMING);
    }

    /** An event that takes the time when it is reached. */
    public static CudaEvent forTiming() {
        return new CudaEvent(CudaDriver.EVENT_DEFAULT);
    }

    CUevent handle() {
        return event;
    }

    /** Whether all work recorded before it is done. Throws the device's error if there was one. */
    public boolean isReached() {
        return CudaDriver.isReached(event);
    }

    /** Time from this event to a later one; both must have been reached. */
    public long nanosUntil(CudaEvent later) {
        return (long) (CudaDriver.elapsedMillis(event, later.event) * 1e6);
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            CudaDriver.destroyEvent(event);
        }
    }
}
