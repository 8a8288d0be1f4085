package dev.millrace.operator.batch;

/**
 * Decides how large micro-batches should be and how long their first record may wait. Owner's
 * thread only, except that metrics read {@link #targetRows} and {@link #lingerNanos}.
 */
public interface BatchPolicy {
    /** Rows at which the next micro-batch is full; at least 1. */
    int targetRows();

    /** Longest wait of the next micro-batch's first record before the micro-batch is closed. */
    long lingerNanos();

    /** A micro-batch opens under the present limits. Ids ascend. */
    default void onOpened(long id) {}

    /**
     * A micro-batch has left.
     *
     * @param id as given at {@link #onOpened}
     * @param rows its rows
     * @param reason why it was closed
     * @param fillNanos from its first record to its submission
     * @param serviceNanos from its submission to the release of its scores
     */
    default void onReleased(
            long id, int rows, FlushReason reason, long fillNanos, long serviceNanos) {}
}
