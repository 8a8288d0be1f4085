package dev.millrace.operator.inference;

/** Scoring cannot go on: the task fails. Its cause, where it has one, is the engine's failure. */
public class InferenceException extends Exception {
    public InferenceException(String message) {
        super(message);
    }

    public InferenceException(String message, Throwable cause) {
        super(message, cause);
    }
}
