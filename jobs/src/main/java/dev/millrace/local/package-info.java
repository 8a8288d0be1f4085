/**
 * Everything on one machine: a Kafka broker, Flink with its Web UI and a generator of card
 * transactions, for {@code millrace demo} and for tests. What runs is the real thing: Kafka's own
 * server in KRaft mode, Flink's own cluster in one process, the same job that runs in production.
 *
 * <p><b>Threads.</b> Brokers and clusters start threads of their own and are started and stopped by
 * one owner; the views of their addresses may be read from anywhere.
 *
 * <p>May import everything but a backend of an engine. Only {@code dev.millrace.cli} may import it.
 */
package dev.millrace.local;
