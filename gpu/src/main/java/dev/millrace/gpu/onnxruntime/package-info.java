/**
 * The onnxruntime backend: any ONNX model that ONNX Runtime can run, on the CPU.
 *
 * <p><b>How.</b> ONNX Runtime reads a slot's input memory and writes its output memory in place.
 * One thread per engine submits, computes and completes; the process has one global pool of a
 * single thread that never spins, so engines do not disturb each other or Flink's task threads.
 *
 * <p><b>Exactness.</b> ONNX Runtime does not promise that a row's score is independent of its
 * micro-batch. When a model is opened, {@link dev.millrace.gpu.onnxruntime.ExactnessProbe} looks
 * for a set of micro-batch shapes between which the bits do not change; submissions are then padded
 * to these shapes.
 *
 * <p><b>May import:</b> the JDK, slf4j, {@code dev.millrace.gpu.engine}, {@code
 * dev.millrace.gpu.onnx} and ONNX Runtime, which no other package imports.
 */
package dev.millrace.gpu.onnxruntime;
