/**
 * Compares two sets of scored records, record by record: joins them by source position, however
 * many there are, and says what differs.
 *
 * <p>Both sides are sorted into runs on disk and merged ({@link dev.millrace.compare.SortedBytes}),
 * so memory does not grow with their number and every figure is exact.
 *
 * <p><b>Threads.</b> One.
 *
 * <p><b>May import:</b> {@code dev.millrace.schema}, Kafka's client, Avro, Jackson.
 */
package dev.millrace.compare;
