/**
 * CUDA C++ to device code: NVRTC, and a cache of what it made.
 *
 * <p><b>Threads.</b> Any; compilations are independent of each other.
 *
 * <p><b>May import:</b> the JDK, slf4j, {@code gpu.cuda.driver} and jcuda's nvrtc.
 */
package dev.millrace.gpu.cuda.compiler;
