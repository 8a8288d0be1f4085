/**
 * The portable plan: what a model computes, in few kinds of steps whose order and rounding are
 * fixed, and the import of ONNX files into it.
 *
 * <p><b>Threads.</b> Everything here is immutable once made; a plan is shared freely.
 *
 * <p><b>May import:</b> the JDK, slf4j, {@code dev.millrace.gpu.engine}, {@code
 * dev.millrace.gpu.math} and, in the import alone, the ONNX protocol classes. Never a backend.
 */
package dev.millrace.gpu.model;
