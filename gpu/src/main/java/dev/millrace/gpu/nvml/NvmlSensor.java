package dev.millrace.gpu.nvml;

import com.sun.jna.Pointer;
import dev.millrace.gpu.monitor.DeviceReading;
import dev.millrace.gpu.monitor.DeviceSensor;
import dev.millrace.gpu.monitor.DeviceSilentException;

/** One GPU. What its kind does not support is NaN; everything else that fails is silence. */
final class NvmlSensor implements DeviceSensor {
    private static final double PER_CENT = 100;
    private static final double MILLI = 1000;

    private final NvmlLibrary nvml;
    private final Pointer device;

    NvmlSensor(NvmlLibrary nvml, Pointer device) {
        this.nvml = nvml;
        this.device = device;
    }

    @Override
    public String source() {
        return "NVML";
    }

    @Override
    public DeviceReading read() throws DeviceSilentException {
        int[] utilization = new int[2];
        boolean utilizationKnown =
                known(
                        nvml.nvmlDeviceGetUtilizationRates(device, utilization),
                        "nvmlDeviceGetUtilizationRates");
        long[] memory = new long[3];
        boolean memoryKnown =
                known(nvml.nvmlDeviceGetMemoryInfo(device, memory), "nvmlDeviceGetMemoryInfo");
        int[] temperature = new int[1];
        boolean temperatureKnown =
                known(
                        nvml.nvmlDeviceGetTemperature(
                                device, NvmlLibrary.TEMPERATURE_GPU, temperature),
                        "nvmlDeviceGetTemperature");
        int[] power = new int[1];
        boolean powerKnown =
                known(nvml.nvmlDeviceGetPowerUsage(device, power), "nvmlDeviceGetPowerUsage");
        long[] energy = new long[1];
        boolean energyKnown =
                known(
                        nvml.nvmlDeviceGetTotalEnergyConsumption(device, energy),
                        "nvmlDeviceGetTotalEnergyConsumption");
        return new DeviceReading(
                utilizationKnown ? utilization[0] / PER_CENT : Double.NaN,
                memoryKnown ? memory[2] : Double.NaN,
                memoryKnown ? memory[0] : Double.NaN,
                temperatureKnown ? temperature[0] : Double.NaN,
                powerKnown ? power[0] / MILLI : Double.NaN,
                energyKnown ? energy[0] / MILLI : Double.NaN);
    }

    private boolean known(int result, String call) throws DeviceSilentException {
        if (result == NvmlLibrary.NOT_SUPPORTED) {
            return false;
        }
        Nvml.check(nvml, result, call);
        return true;
    }
}
