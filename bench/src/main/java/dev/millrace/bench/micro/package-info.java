/**
 * JMH benchmarks of single parts: decoding, micro-batching, an engine by itself. Run by {@code
 * bench/run micro}.
 *
 * <p><b>May import:</b> everything; nothing imports it.
 */
package dev.millrace.bench.micro;
