package dev.millrace.job;

/** The headers that say why a record is a dead letter; all values are UTF-8 text. */
public final class DeadLetterHeaders {
    static final String PREFIX = "millrace.error.";

    /** Which step failed: {@code undecodable}, {@code unscorable} or {@code score_refused}. */
    public static final String KIND = "millrace.error.kind";

    /** Why, in one sentence. */
    public static final String MESSAGE = "millrace.error.message";

    /** The topic the record came from. */
    public static final String TOPIC = "millrace.error.topic";

    /** The partition the record came from. */
    public static final String PARTITION = "millrace.error.partition";

    /** The record's offset in it. */
    public static final String OFFSET = "millrace.error.offset";

    /** The pipeline that could not score it. */
    public static final String PIPELINE = "millrace.error.pipeline";

    /** When, in ISO 8601. */
    public static final String TIME = "millrace.error.time";

    private DeadLetterHeaders() {}
}
