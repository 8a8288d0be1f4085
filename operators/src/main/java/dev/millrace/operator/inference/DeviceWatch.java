package dev.millrace.operator.inference;

import dev.millrace.gpu.engine.EngineDescription;
import dev.millrace.gpu.monitor.DeviceReading;
import dev.millrace.gpu.monitor.DeviceSensor;
import dev.millrace.gpu.monitor.DeviceSensors;
import dev.millrace.gpu.monitor.DeviceSilentException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A device as metrics see it. The tasks of a process that score on a device share one, so that it
 * is asked at most once a second, however many gauges look. Any thread.
 */
final class DeviceWatch {
    private static final Logger LOG = LoggerFactory.getLogger(DeviceWatch.class);
    private static final long OLDEST_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final double THOUSAND = 1000;
    private static final AtomicBoolean ABSENCE_SAID = new AtomicBoolean();
    private static final Map<String, DeviceWatch> SHARED = new HashMap<>();

    private final String deviceId;
    private final DeviceSensor sensor;
    private final LongSupplier nanoTime;
    private final LongAdder records = new LongAdder();

    private DeviceReading reading = DeviceReading.NONE;
    private boolean answers = true;
    private boolean asked;
    private long askedNanos;

    private double periodJoules = Double.NaN;
    private long periodRecords;
    private long periodNanos;
    private double joulesPerThousand = Double.NaN;

    DeviceWatch(String deviceId, DeviceSensor sensor, LongSupplier nanoTime) {
        this.deviceId = deviceId;
        this.sensor = sensor;
        this.nanoTime = nanoTime;
    }

    /** The process's watch over a device; empty if nothing can read it, and the log says why. */
    static Optional<DeviceWatch> shared(String deviceId, LongSupplier nanoTime) {
        synchronized (SHARED) {
            DeviceWatch known = SHARED.get(deviceId);
            if (known != null) {
                return Optional.of(known);
            }
            Optional<DeviceWatch> fresh =
                    DeviceSensors.of(deviceId)
                            .map(sensor -> new DeviceWatch(deviceId, sensor, nanoTime));
            fresh.ifPresent(watch -> SHARED.put(deviceId, watch));
            return fresh;
        }
    }

    /** Says, once for the process, why there are no metrics of a GPU. */
    static void noDevice(EngineDescription engine) {
        if (ABSENCE_SAID.compareAndSet(false, true)) {
            LOG.info("No metrics of a GPU, because none scores: {}", engine);
        }
    }

    String deviceId() {
        return deviceId;
    }

    /** Records were scored on the device. */
    void scored(int count) {
        records.add(count);
    }

    /** What the device told last, a second ago at most; all NaN while it does not answer. */
    synchronized DeviceReading reading() {
        long nowNanos = nanoTime.getAsLong();
        if (!asked || nowNanos - askedNanos >= OLDEST_NANOS) {
            asked = true;
            askedNanos = nowNanos;
            ask();
            measure(nowNanos);
        }
        return reading;
    }

    boolean answers() {
        synchronized (this) {
            reading();
            return answers;
        }
    }

    /** Energy over records of the last whole period with records; NaN before there is one. */
    double joulesPerThousandRecords() {
        synchronized (this) {
            reading();
            return joulesPerThousand;
        }
    }

    private void ask() {
        try {
            reading = sensor.read();
            if (!answers) {
                LOG.info("Device {} answers {} again", deviceId, sensor.source());
            }
            answers = true;
        } catch (DeviceSilentException e) {
            if (answers) {
                LOG.warn("Device {} does not answer: {}", deviceId, e.getMessage());
            }
            reading = DeviceReading.NONE;
            answers = false;
        }
    }

    private void measure(long nowNanos) {
        double joules = reading.energyJoules();
        if (Double.isNaN(joules)) {
            return;
        }
        long count = records.sum();
        boolean first = Double.isNaN(periodJoules);
        if (!first && nowNanos - periodNanos < PERIOD_NANOS) {
            return;
        }
        if (!first && count > periodRecords) {
            joulesPerThousand = THOUSAND * (joules - periodJoules) / (count - periodRecords);
        }
        periodJoules = joules;
        periodRecords = count;
        periodNanos = nowNanos;
    }
}
