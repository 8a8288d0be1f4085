package dev.millrace.gpu.monitor;

import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the sensor of a device: the only way to one. */
public final class DeviceSensors {
    private static final Logger LOG = LoggerFactory.getLogger(DeviceSensors.class);
    private static final Set<String> REPORTED = ConcurrentHashMap.newKeySet();

    private DeviceSensors() {}

    /** The sensor of a device; where there is none, the log says why, once for each device. */
    public static Optional<DeviceSensor> of(String deviceId) {
        String reason = "nothing here can read it";
        for (DeviceSensorProvider provider :
                ServiceLoader.load(
                        DeviceSensorProvider.class, DeviceSensorProvider.class.getClassLoader())) {
            try {
                Optional<DeviceSensor> sensor = provider.sensor(deviceId);
                if (sensor.isPresent()) {
                    return sensor;
                }
            } catch (DeviceSilentException e) {
                reason = e.getMessage();
            }
        }
        if (REPORTED.add(deviceId)) {
            LOG.warn("There are no metrics of device {} itself: {}", deviceId, reason);
        }
        return Optional.empty();
    }
}
