package dev.millrace.gpu.engine;

/** An engine could not be opened or could not score a micro-batch. */
public class EngineException extends Exception {
    /** What the caller does about a failure. */
    public enum Kind {
        /** The model cannot be run by this backend: unreadable, or outside what it covers. */
        MODEL,
        /** A record of the micro-batch cannot be scored: bisect and divert it. */
        BAD_INPUT,
        /** Worth a bounded retry, for example out of memory. */
        RETRYABLE,
        /** Only a new process can use the device again: fail the task. */
        DEVICE_FATAL
    }

    private final Kind kind;

    public EngineException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public EngineException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
