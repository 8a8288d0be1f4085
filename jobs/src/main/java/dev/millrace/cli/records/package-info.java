/**
 * Records in files and for people's eyes: readers of CSV, JSON lines and Avro containers that make
 * records of a schema, and descriptions of scored records and dead letters.
 *
 * <p><b>Threads.</b> Readers are used by one thread.
 *
 * <p><b>May import:</b> the JDK, Avro, Jackson, Kafka's record types, {@code dev.millrace.schema},
 * {@code dev.millrace.job}.
 */
package dev.millrace.cli.records;
