package dev.millrace.job.config;

/** How scored records are encoded. */
public enum ScoredFormat {
    /** Avro's binary encoding alone. */
    AVRO,
    /** Avro behind its own header with the schema's fingerprint. */
    AVRO_SINGLE_OBJECT,
    /** Avro behind the header of schema registries. */
    CONFLUENT
}
