/**
 * The end-to-end benchmark: a broker in a process of its own, subjects in theirs, rounds that
 * interleave them, and a report with ratios.
 *
 * <p><b>Threads.</b> One thread drives; a latency run adds a generator and a reader. <b>May
 * import:</b> everything.
 */
package dev.millrace.bench.endtoend;
