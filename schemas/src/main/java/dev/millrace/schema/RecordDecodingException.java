package dev.millrace.schema;

/**
 * A record whose value cannot be turned into features: bad input, so its fate is the dead-letter
 * topic. It carries no stack trace: the fault lies in the data, the message says where, and a topic
 * with one per cent of poison must not pay for a hundred stack walks per ten thousand records.
 */
public final class RecordDecodingException extends Exception {
    /** What is wrong with the record. */
    public enum Kind {
        /** The bytes are not what the schema or the format says. */
        MALFORMED,
        /** A feature is null or absent and has no default. */
        MISSING,
        /** A value does not fit the tensor's element type, or is no known category. */
        OUT_OF_RANGE,
        /** An array or a byte string does not have as many elements as the tensor. */
        WRONG_SHAPE,
        /** The record names a schema that nobody knows. */
        UNKNOWN_SCHEMA,
        /** The record's schema is known but cannot feed the model's features. */
        UNUSABLE_SCHEMA
    }

    private final Kind kind;

    public RecordDecodingException(Kind kind, String message) {
        super(message, null, false, false);
        this.kind = kind;
    }

    public RecordDecodingException(Kind kind, String message, Throwable cause) {
        super(message, cause, false, false);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
