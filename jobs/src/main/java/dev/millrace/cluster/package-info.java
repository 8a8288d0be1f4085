/**
 * A Flink cluster seen from outside: its REST interface, and what it takes to bring a pipeline
 * there, to watch it start, and to replace it by another version.
 *
 * <p><b>Threads.</b> One.
 *
 * <p><b>May import:</b> the JDK, Jackson, {@code dev.millrace.job}. Not Flink: the interface is
 * HTTP and JSON, so that a cluster of a neighbouring version answers too.
 */
package dev.millrace.cluster;
