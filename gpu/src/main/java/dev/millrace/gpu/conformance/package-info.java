/**
 * Runs folders of ONNX node tests: a model, inputs and the outputs to expect, as the ONNX project
 * publishes them.
 *
 * <p><b>Threads.</b> The caller's alone, but for the engine's own.
 *
 * <p><b>May import:</b> the JDK, the ONNX protocol classes, {@code dev.millrace.gpu.engine}, {@code
 * .model}, {@code .onnx}, {@code .lowering} and {@code .interpreter}. Never a backend.
 */
package dev.millrace.gpu.conformance;
