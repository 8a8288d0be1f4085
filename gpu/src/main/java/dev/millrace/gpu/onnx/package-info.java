/**
 * ONNX models before any backend sees them: read, and rewritten into a form without strings, maps
 * and free dimensions.
 *
 * <p><b>Why here.</b> Every backend must give a model the same signature, so that an engine and its
 * twin can stand in for each other; strings in particular must become the same indices.
 *
 * <p><b>Threads.</b> Values are immutable; the rewriters are used by one thread, once per load.
 *
 * <p><b>May import:</b> the JDK, {@code dev.millrace.gpu.engine} and the ONNX protobuf messages.
 */
package dev.millrace.gpu.onnx;
