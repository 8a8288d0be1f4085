package dev.millrace.operator.batch;

/**
 * Fills one micro-batch after the other and says when the open one should be closed. Owner's thread
 * only; time is an argument.
 */
public final class MicroBatcher<E, R> {
    private final BatchPolicy policy;
    private MicroBatch<E, R> batch;
    private long lastId;
    private int fullRows;
    private long lingerNanos;

    public MicroBatcher(BatchPolicy policy) {
        this.policy = policy;
    }

    /** Whether there is a micro-batch to fill, be it empty as yet. */
    public boolean hasBatch() {
        return batch != null;
    }

    /** Takes a recycled micro-batch to fill next. */
    public void use(MicroBatch<E, R> free) {
        if (batch != null) {
            throw new IllegalStateException(batch + " is not closed yet");
        }
        batch = free;
    }

    /** The micro-batch to fill; its next row is {@link MicroBatch#rows()}. */
    public MicroBatch<E, R> batch() {
        if (batch == null) {
            throw new IllegalStateException("No micro-batch is open");
        }
        return batch;
    }

    /** Whether no record waits. */
    public boolean isEmpty() {
        return batch == null || batch.isEmpty();
    }

    /**
     * Starts the micro-batch's time: its first row is about to be appended.
     *
     * @param limit the most rows the engine wants at present
     * @return the id of this filling
     */
    public long open(int limit, long nowNanos) {
        batch.open(++lastId, nowNanos);
        int wanted = Math.min(policy.targetRows(), Math.min(limit, batch.slot().capacity()));
        fullRows = Math.max(1, wanted);
        lingerNanos = policy.lingerNanos();
        policy.onOpened(lastId);
        return lastId;
    }

    /** Linger of the open micro-batch. */
    public long lingerNanos() {
        return lingerNanos;
    }

    /** Rows at which the open micro-batch is full. */
    public int fullRows() {
        return fullRows;
    }

    /**
     * Keeps the element whose features were written to the next row.
     *
     * @return whether the micro-batch is full
     */
    public boolean append(E element, long timestamp, boolean hasTimestamp) {
        batch.append(element, timestamp, hasTimestamp);
        return batch.rows() >= fullRows;
    }

    /** Whether this filling is still open: a timer of an earlier one has nothing to flush. */
    public boolean isOpen(long id) {
        return batch != null && !batch.isEmpty() && batch.id() == id;
    }

    /** Whether the first record of the open micro-batch has waited long enough. */
    public boolean lingerExpired(long nowNanos) {
        return !isEmpty() && nowNanos - batch.openedNanos() >= lingerNanos;
    }

    /** Closes the open micro-batch and hands it over for submission. */
    public MicroBatch<E, R> close(FlushReason reason, long nowNanos) {
        if (isEmpty()) {
            throw new IllegalStateException("There is nothing to flush for " + reason);
        }
        MicroBatch<E, R> closed = batch;
        batch = null;
        closed.close(reason, nowNanos);
        return closed;
    }

    /** Tells the policy how a micro-batch fared. */
    public void released(MicroBatch<E, R> done, long nowNanos) {
        policy.onReleased(
                done.id(),
                done.rows(),
                done.flushReason(),
                done.submittedNanos() - done.openedNanos(),
                nowNanos - done.submittedNanos());
    }
}
