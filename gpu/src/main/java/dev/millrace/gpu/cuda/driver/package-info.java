/**
 * The CUDA driver behind a façade of a few dozen calls, each checked by name, and the objects that
 * own what those calls allocate. Nothing else touches JCuda's driver API, so another binding could
 * take its place.
 *
 * <p><b>Rules that keep the process alive.</b> No host functions or callbacks: completion is by
 * {@code cuEventQuery}. No heap array in an asynchronous call or in kernel parameters. Only symbols
 * that every driver since CUDA 12.0 has: calling a missing one ends the JVM.
 *
 * <p><b>Threads.</b> Calls need the context current on the calling thread; see {@link
 * dev.millrace.gpu.cuda.driver.CudaContext#makeCurrent()}.
 *
 * <p><b>May import:</b> the JDK, slf4j and jcuda.
 */
package dev.millrace.gpu.cuda.driver;
