package dev.millrace.cli.records;

/** A record of a file is no record of the schema; the next one may be. */
public final class RefusedRecordException extends Exception {
    public RefusedRecordException(String message) {
        super(message, null, false, false);
    }
}
