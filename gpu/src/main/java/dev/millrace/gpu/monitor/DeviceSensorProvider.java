package dev.millrace.gpu.monitor;

import java.util.Optional;

/**
 * A way to read devices. Listed in {@code
 * META-INF/services/dev.millrace.gpu.monitor.DeviceSensorProvider}; loads no native library before
 * {@link #sensor} is called.
 */
public interface DeviceSensorProvider {
    /**
     * The sensor of a device.
     *
     * @param deviceId as {@link dev.millrace.gpu.engine.Engine#deviceId()} names it
     * @return empty if the device is not of this provider's kind
     * @throws DeviceSilentException if it is, and cannot be read
     */
    Optional<DeviceSensor> sensor(String deviceId) throws DeviceSilentException;
}
