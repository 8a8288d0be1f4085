package dev.millrace.operator.inference;

import dev.millrace.gpu.monitor.DeviceReading;
import dev.millrace.gpu.monitor.DeviceSensor;
import dev.millrace.gpu.monitor.DeviceSensorProvider;
import dev.millrace.gpu.monitor.DeviceSilentException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** A device whose readings a test sets; the service loader finds one for ids that begin so. */
public final class TestingDevice implements DeviceSensorProvider, DeviceSensor {
    static final String PREFIX = "testing-device-";

    final AtomicInteger reads = new AtomicInteger();
    private double joules;
    private volatile boolean lost;

    @Override
    public Optional<DeviceSensor> sensor(String deviceId) {
        return deviceId.startsWith(PREFIX) ? Optional.of(new TestingDevice()) : Optional.empty();
    }

    @Override
    public String source() {
        return "a test";
    }

    @Override
    public synchronized DeviceReading read() throws DeviceSilentException {
        reads.incrementAndGet();
        if (lost) {
            throw new DeviceSilentException("lost");
        }
        return new DeviceReading(0.5, 20, 80, 60, 250, joules);
    }

    synchronized void spend(double more) {
        joules += more;
    }

    void lose(boolean gone) {
        lost = gone;
    }
}
