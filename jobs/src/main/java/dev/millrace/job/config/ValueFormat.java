package dev.millrace.job.config;

/** How the values of the source topics are encoded. */
public enum ValueFormat {
    /** Avro's binary encoding alone; the writer's schema is in a file. */
    AVRO,
    /** Avro behind Confluent's header of five bytes; writers' schemas are in a registry. */
    CONFLUENT,
    /** Avro behind its own header of ten bytes with the schema's fingerprint. */
    AVRO_SINGLE_OBJECT,
    /** JSON: one object a value; a schema in a file is optional. */
    JSON
}
