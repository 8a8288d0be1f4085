/**
 * What a device is doing, beside what an engine does with it: utilisation, memory, temperature,
 * power, energy.
 *
 * <p><b>Separation.</b> Sensors are found through {@link
 * dev.millrace.gpu.monitor.DeviceSensorProvider} by {@link java.util.ServiceLoader}; no type of a
 * vendor's library appears here.
 *
 * <p><b>Threads.</b> A sensor may be read by any thread, one at a time.
 *
 * <p><b>May import:</b> the JDK and slf4j.
 */
package dev.millrace.gpu.monitor;
