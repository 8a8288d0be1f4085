package dev.millrace.job.replay;

/** Options that contradict each other or the pipeline; the message says which and the way out. */
public final class WrongUsageException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    WrongUsageException(String message) {
        super(message);
    }
}
