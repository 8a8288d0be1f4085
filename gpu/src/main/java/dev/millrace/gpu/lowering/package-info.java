/**
 * Reads ONNX files into the portable plan: checks them, gives every tensor a fixed shape per
 * record, folds constants, turns operators into steps, fuses what can be fused and refuses by name
 * what the plan cannot express or what would let one record see another.
 *
 * <p><b>Threads.</b> An import runs on one thread and shares nothing.
 *
 * <p><b>May import:</b> the JDK, slf4j, the ONNX protocol classes, {@code dev.millrace.gpu.engine},
 * {@code dev.millrace.gpu.model} and {@code dev.millrace.gpu.interpreter} (to fold constants).
 * Never a backend.
 */
package dev.millrace.gpu.lowering;
