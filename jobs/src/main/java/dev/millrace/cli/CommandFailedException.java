package dev.millrace.cli;

/** A command could not do what it was asked; the message says why and what to do. */
final class CommandFailedException extends Exception {
    CommandFailedException(String message) {
        super(message);
    }

    CommandFailedException(String message, Throwable cause) {
        super(message, cause);
    }
}
