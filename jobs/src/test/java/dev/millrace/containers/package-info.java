/**
 * Kafka, Flink with Millrace and a schema registry in containers, as they are deployed, and what
 * goes wrong with them. Needs Docker and Millrace's image: {@code .ci/run containers} builds it.
 *
 * <p><b>Threads.</b> A test's own.
 *
 * <p><b>May import:</b> everything.
 */
package dev.millrace.containers;
