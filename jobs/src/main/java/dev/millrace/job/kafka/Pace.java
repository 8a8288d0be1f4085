package dev.millrace.job.kafka;

/**
 * A token bucket: so many permits a second, of which no more than a twentieth of a second's, at
 * least one, gather while nobody takes any. Time is an argument. One thread.
 */
final class Pace {
    private static final double NANOS = 1e9;
    private static final double MOST_GATHERED_SECONDS = 0.05;

    private final double permitsPerNano;
    private final double most;
    private double permits;
    private long last;

    Pace(double permitsPerSecond, long nanos) {
        this.permitsPerNano = permitsPerSecond / NANOS;
        this.most = Math.max(1, permitsPerSecond * MOST_GATHERED_SECONDS);
        this.permits = 1;
        this.last = nanos;
    }

    /** Whether a permit is there now. */
    boolean mayTake(long nanos) {
        if (permits < 1) {
            permits = Math.min(most, permits + (nanos - last) * permitsPerNano);
            last = nanos;
        }
        return permits >= 1;
    }

    void take() {
        permits--;
    }

    /** How long until enough permits are there that waking up for them pays. */
    long nanosToWait(long nanos) {
        double missing = Math.max(1, most / 2) - permits;
        return (long) Math.max(0, missing / permitsPerNano - (nanos - last));
    }
}
