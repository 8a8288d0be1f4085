package dev.millrace.endtoend;

import dev.millrace.gpu.monitor.DeviceReading;
import dev.millrace.gpu.monitor.DeviceSensor;
import dev.millrace.gpu.monitor.DeviceSensorProvider;
import dev.millrace.gpu.monitor.DeviceSilentException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A device that is not there, so that metrics and panels of a GPU have figures on a machine without
 * one: all of them are made up. {@link Mischief} decides whether engines say they are on it, and
 * whether it answers.
 */
public final class TestingDevice implements DeviceSensorProvider, DeviceSensor {
    /** Its name says what its figures are worth. */
    static final String ID = "testing-device-made-up";

    private static final double WATTS = 100;
    private static final long TOTAL_BYTES = 1L << 30;

    private final long begin = System.nanoTime();
    private final AtomicLong reads = new AtomicLong();

    @Override
    public Optional<DeviceSensor> sensor(String deviceId) {
        return deviceId.equals(ID) ? Optional.of(this) : Optional.empty();
    }

    @Override
    public String source() {
        return "a test";
    }

    @Override
    public DeviceReading read() throws DeviceSilentException {
        if (Mischief.current().deviceIsLost()) {
            throw new DeviceSilentException("the test has taken it away");
        }
        long turn = reads.incrementAndGet() % 10;
        return new DeviceReading(
                turn / 10.0,
                TOTAL_BYTES / 20 * turn,
                TOTAL_BYTES,
                40 + turn,
                WATTS + turn,
                (System.nanoTime() - begin) * 1e-9 * WATTS);
    }
}
