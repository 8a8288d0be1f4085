package dev.millrace.cli.records;

/** A file cannot be read any further, or not at all. */
public final class UnreadableFileException extends Exception {
    UnreadableFileException(String message) {
        super(message);
    }

    UnreadableFileException(String message, Throwable cause) {
        super(message, cause);
    }
}
