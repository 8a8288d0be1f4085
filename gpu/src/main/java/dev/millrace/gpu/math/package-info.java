/**
 * The arithmetic of {@code gpu/NUMERICS.md} in Java: functions whose every step is written down, so
 * that the CUDA kernels ({@code src/main/cuda/millrace_math.cuh}) give the same bits.
 *
 * <p><b>Threads.</b> Static functions without state.
 *
 * <p><b>May import:</b> the JDK alone.
 */
package dev.millrace.gpu.math;
