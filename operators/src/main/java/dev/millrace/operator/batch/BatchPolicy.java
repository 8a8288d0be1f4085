package dev.millrace.operator.batch;

/**
 * Decides how large micro-batches should be and how long their first record may wait. Asked when a
 * micro-batch opens, told when one is released; owner's thread only.
 */
public interface BatchPolicy {
    /** Rows at which the next micro-batch is full; at least 1. */
    int targetRows();

    /** Longest wait of a micro-batch's first record before the micro-batch is closed. */
    long lingerNanos();

    /**
     * Learns from a released micro-batch.
     *
     * @param rows its rows
     * @param full whether it was closed for having reached the size aimed for
     * @param fillNanos from its first record to its submission
     * @param serviceNanos from its submission to the release of its scores
     */
    void onReleased(int rows, boolean full, long fillNanos, long serviceNanos);
}
