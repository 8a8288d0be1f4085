/**
 * What the benchmarks measure: the workloads.
 *
 * <p><b>Threads.</b> Values are immutable. <b>May import:</b> everything; nothing imports it.
 */
package dev.millrace.bench;
