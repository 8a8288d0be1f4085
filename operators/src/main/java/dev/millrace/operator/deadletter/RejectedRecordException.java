package dev.millrace.operator.deadletter;

/**
 * A function refuses a record, which becomes a dead letter; the job goes on. Carries no stack
 * trace: refusals may come at the rate of the input.
 */
public class RejectedRecordException extends Exception {
    public RejectedRecordException(String message) {
        super(message, null, false, false);
    }

    public RejectedRecordException(String message, Throwable cause) {
        super(message, cause, false, false);
    }
}
