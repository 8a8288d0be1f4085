package dev.millrace.local.demo;

/** A demo cannot go on; the message says why and what to do, for people. */
public final class DemoException extends RuntimeException {
    DemoException(String message) {
        super(message);
    }

    DemoException(String message, Throwable cause) {
        super(message, cause);
    }
}
