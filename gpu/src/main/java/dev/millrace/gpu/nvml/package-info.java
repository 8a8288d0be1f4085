/**
 * Readings of NVIDIA GPUs through NVML, the driver's own library {@code libnvidia-ml.so.1}. Nothing
 * but the driver is needed; docs/decisions says why it is bound by JNA.
 *
 * <p><b>Threads.</b> Any.
 *
 * <p><b>May import:</b> JNA, {@code dev.millrace.gpu.monitor}. Nothing imports this package: {@link
 * java.util.ServiceLoader} finds it.
 */
package dev.millrace.gpu.nvml;
