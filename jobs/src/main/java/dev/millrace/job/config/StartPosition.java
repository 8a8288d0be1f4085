package dev.millrace.job.config;

/** Where a source starts that has no checkpoint to resume from. */
public enum StartPosition {
    /** At each partition's oldest record. */
    EARLIEST,
    /** At the records that arrive from now on. */
    LATEST,
    /** At the offsets that the consumer group committed. */
    COMMITTED,
    /** At the first record whose timestamp is not before a given one. */
    TIMESTAMP,
    /** At given offsets, one per partition. */
    OFFSETS
}
