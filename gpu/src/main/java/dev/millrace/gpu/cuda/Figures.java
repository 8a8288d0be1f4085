package dev.millrace.gpu.cuda;

import dev.millrace.gpu.engine.EngineStatistics;

/**
 * Cumulative figures of an engine. Times on the device are taken of one submission in {@link
 * #TIMED_EVERY}; the others count with the time per row of the last one that was timed.
 */
final class Figures {
    /** Timing events cost a launch each, and a timed submission is no graph. */
    static final int TIMED_EVERY = 32;

    static final int STAGES = 3;

    private long submissions;
    private long rows;
    private long backoffs;
    private boolean fallbackActive;
    private long pinnedBytes;
    private long deviceBytes;
    private long untilTimed;
    private final double[] nanos = new double[STAGES];
    private final double[] nanosPerRow = new double[STAGES];

    /** Whether the next submission is one to be timed. */
    synchronized boolean nextIsTimed() {
        if (untilTimed == 0) {
            untilTimed = TIMED_EVERY;
        }
        return untilTimed-- == TIMED_EVERY;
    }

    synchronized void timed(int timedRows, long h2dNanos, long kernelNanos, long d2hNanos) {
        nanosPerRow[0] = (double) h2dNanos / timedRows;
        nanosPerRow[1] = (double) kernelNanos / timedRows;
        nanosPerRow[2] = (double) d2hNanos / timedRows;
    }

    /** A submission that the device scored. */
    synchronized void scored(int scoredRows) {
        completed(scoredRows);
        for (int stage = 0; stage < STAGES; stage++) {
            nanos[stage] += nanosPerRow[stage] * scoredRows;
        }
    }

    /** A submission that failed, or that the twin scored in so much time. */
    synchronized void completedElsewhere(int completedRows, long computeNanos) {
        completed(completedRows);
        nanos[1] += computeNanos;
    }

    private void completed(int completedRows) {
        submissions++;
        rows += completedRows;
    }

    synchronized void backedOff() {
        backoffs++;
    }

    synchronized void fallBack() {
        fallbackActive = true;
    }

    synchronized void holds(long pinned, long device) {
        pinnedBytes = pinned;
        deviceBytes = device;
    }

    synchronized EngineStatistics snapshot() {
        return new EngineStatistics(
                submissions,
                rows,
                (long) nanos[0],
                (long) nanos[1],
                (long) nanos[2],
                backoffs,
                fallbackActive,
                pinnedBytes,
                deviceBytes);
    }
}
