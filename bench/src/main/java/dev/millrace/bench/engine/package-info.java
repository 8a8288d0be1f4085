/**
 * JMH benchmarks of engines against ONNX Runtime, buffers to buffers on one thread. Run by {@code
 * bench/run engine}.
 *
 * <p><b>May import:</b> everything; nothing imports it.
 */
package dev.millrace.bench.engine;
