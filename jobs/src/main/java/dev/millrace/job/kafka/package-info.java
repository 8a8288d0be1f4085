/**
 * How a job speaks to Kafka: source and sinks built from a pipeline's configuration, the raw
 * records that travel between them with their serializers, and the topics a job needs.
 *
 * <p><b>Records.</b> The source emits the {@code ConsumerRecord} that the consumer made, the sinks
 * take a finished {@code ProducerRecord}: no object is made in between that Kafka's clients do not
 * make anyway. Both are never written to after they were emitted.
 *
 * <p><b>Threads.</b> Factories and {@link dev.millrace.job.kafka.Topics} are used by the client
 * that starts a job; schemas and serializers by task threads, an instance each.
 *
 * <p><b>May import:</b> Flink, its Kafka connector, Kafka's clients, {@code
 * dev.millrace.job.config}.
 */
package dev.millrace.job.kafka;
