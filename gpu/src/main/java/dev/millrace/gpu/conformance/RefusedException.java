package dev.millrace.gpu.conformance;

/** An engine does not cover a test's model. */
final class RefusedException extends Exception {
    RefusedException(String message, Throwable cause) {
        super(message, cause);
    }

    RefusedException(String message) {
        super(message);
    }
}
