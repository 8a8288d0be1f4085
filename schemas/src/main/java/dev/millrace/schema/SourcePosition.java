package dev.millrace.schema;

/**
 * Where a record came from.
 *
 * @param timestampMs the record's own timestamp, milliseconds since 1970
 */
public record SourcePosition(String topic, int partition, long offset, long timestampMs) {}
