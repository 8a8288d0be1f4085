package dev.millrace.cluster;

/** A cluster cannot be reached, refuses, or a job on it failed; the message says what to do. */
public final class ClusterException extends Exception {
    ClusterException(String message) {
        super(message);
    }

    ClusterException(String message, Throwable cause) {
        super(message, cause);
    }
}
