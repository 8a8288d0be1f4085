/**
 * Archived records in files, read and written with Flink's file connector: Avro containers and JSON
 * lines in, scored records as Avro containers out.
 *
 * <p><b>Threads.</b> Formats travel with the job; readers belong to one fetcher thread, writers to
 * one task thread.
 *
 * <p><b>May import:</b> Flink, Avro, Kafka's record types.
 */
package dev.millrace.job.files;
