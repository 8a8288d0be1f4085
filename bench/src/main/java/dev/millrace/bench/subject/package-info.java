/**
 * What the end-to-end benchmark measures: Millrace, what it is compared with, and how each of them
 * reports what it costs. Every subject runs in a Java process of its own, so that none runs code
 * that was compiled for another one.
 *
 * <p><b>Threads.</b> A subject is started, sampled and stopped by the thread that reads commands.
 * <b>May import:</b> everything, ONNX Runtime included.
 */
package dev.millrace.bench.subject;
