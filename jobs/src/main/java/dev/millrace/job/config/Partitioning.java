package dev.millrace.job.config;

/** Which partition of the sink topic a scored record goes to. */
public enum Partitioning {
    /** The number of its source partition, modulo the partitions there are. Order is kept. */
    SOURCE,
    /** The one that Kafka's partitioner chooses for its key. */
    KEY
}
