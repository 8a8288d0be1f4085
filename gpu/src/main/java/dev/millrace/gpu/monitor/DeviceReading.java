package dev.millrace.gpu.monitor;

/**
 * One reading of a device. What the device does not tell is NaN.
 *
 * @param utilisation share of the last sampling period in which a kernel ran, 0 to 1
 * @param memoryUsedBytes device memory in use, by all processes
 * @param memoryTotalBytes device memory there is
 * @param temperatureCelsius of the chip
 * @param powerWatts drawn at present
 * @param energyJoules drawn since the driver was loaded
 */
public record DeviceReading(
        double utilisation,
        double memoryUsedBytes,
        double memoryTotalBytes,
        double temperatureCelsius,
        double powerWatts,
        double energyJoules) {
    /** Of a device that tells nothing. */
    public static final DeviceReading NONE =
            new DeviceReading(
                    Double.NaN, Double.NaN, Double.NaN, Double.NaN, Double.NaN, Double.NaN);
}
