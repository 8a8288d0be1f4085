package dev.millrace.cluster;

/** A cluster cannot be reached, refuses, or a job on it failed; the message says what to do. */
public final class ClusterException extends Exception {
    /** What became of the request behind a failure. */
    enum Fate {
        /** Refused, or answered with something else than was hoped for: asking again is no use. */
        REFUSED,
        /** The cluster has not taken it. */
        UNSENT,
        /** The answer is lost: the cluster may have done it. */
        UNKNOWN
    }

    private final Fate fate;

    ClusterException(String message) {
        this(message, Fate.REFUSED, null);
    }

    ClusterException(String message, Throwable cause) {
        this(message, Fate.REFUSED, cause);
    }

    ClusterException(String message, Fate fate, Throwable cause) {
        super(message, cause);
        this.fate = fate;
    }

    Fate fate() {
        return fate;
    }

    /** Whether a request that changes nothing may succeed later. */
    boolean mayPass() {
        return fate != Fate.REFUSED;
    }
}
