package dev.millrace.schema.wire;

/**
 * The schema registry did not answer, after every retry. Retryable: the task fails and starts again
 * from its checkpoint; no record is to blame.
 */
public final class SchemaRegistryUnavailableException extends RuntimeException {
    public SchemaRegistryUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
