package dev.millrace.gpu.monitor;

/** Reads one device. Any thread, one at a time. Lives as long as its process. */
public interface DeviceSensor {
    /** Where readings come from, for example {@code NVML}. */
    String source();

    /**
     * Asks the device; takes a millisecond or so.
     *
     * @throws DeviceSilentException if the device does not answer: it is lost, for example
     */
    DeviceReading read() throws DeviceSilentException;
}
