/**
 * What can be found out about a model on this machine: what it holds, which engines score it and
 * how exactly, whether they keep their promises, how fast they are.
 *
 * <p><b>Threads.</b> The caller's alone, but for the engines' own.
 *
 * <p><b>May import:</b> the JDK, the ONNX protocol classes, {@code dev.millrace.gpu.engine}, {@code
 * .model}, {@code .onnx} and {@code .lowering}. Never a backend.
 */
package dev.millrace.gpu.inspection;
