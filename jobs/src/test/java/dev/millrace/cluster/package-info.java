/**
 * The job's jar on a Flink cluster of separate processes, as users run it.
 *
 * <p><b>Threads.</b> A test's own.
 *
 * <p><b>May import:</b> everything.
 */
package dev.millrace.cluster;
