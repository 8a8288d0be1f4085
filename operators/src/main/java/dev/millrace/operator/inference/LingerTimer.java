package dev.millrace.operator.inference;

import org.apache.flink.api.common.operators.ProcessingTimeService;

/**
 * Wakes the operator when the open micro-batch has waited long enough. A timer carries the id of
 * the micro-batch it was set for, so that one which comes late does not close the next micro-batch
 * early. Under load micro-batches fill long before they expire, so a timer is set for one in a
 * while, not for each: whichever timer fires looks at the micro-batch open by then.
 *
 * <p>Task thread only.
 */
final class LingerTimer {
    private static final long NONE = Long.MAX_VALUE;

    private final ProcessingTimeService timers;
    private final Expiry expiry;
    private long openId;
    private long openDeadlineMs;
    private long armedDeadlineMs = NONE;

    /** What the timer asks and tells. */
    interface Expiry {
        /** Whether this filling still waits for records. */
        boolean isOpen(long batchId);

        /** The open micro-batch has lingered. */
        void onLingered() throws Exception;
    }

    LingerTimer(ProcessingTimeService timers, Expiry expiry) {
        this.timers = timers;
        this.expiry = expiry;
    }

    /** A micro-batch has got its first record. */
    void opened(long batchId, long lingerNanos) {
        long lingerMs = (lingerNanos + 999_999) / 1_000_000;
        openId = batchId;
        // A timer fires when its millisecond is over, which is one later than it says.
        openDeadlineMs = timers.getCurrentProcessingTime() + lingerMs - 1;
        armIfLate();
    }

    private void armIfLate() {
        if (armedDeadlineMs <= openDeadlineMs) {
            return;
        }
        long batchId = openId;
        long deadlineMs = openDeadlineMs;
        armedDeadlineMs = deadlineMs;
        // Nothing to do for a later timer that is still armed: it finds nothing to close.
        var unused = timers.registerTimer(deadlineMs, time -> fired(batchId, deadlineMs));
    }

    private void fired(long batchId, long deadlineMs) throws Exception {
        if (deadlineMs == armedDeadlineMs) {
            armedDeadlineMs = NONE;
        }
        if (expiry.isOpen(batchId)) {
            expiry.onLingered();
        } else if (expiry.isOpen(openId)) {
            armIfLate();
        }
    }
}
