package dev.millrace.gpu.nvml;

import com.sun.jna.Library;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.PointerByReference;

/**
 * The calls that Millrace makes to NVML, as its C header declares them. Small C structures are
 * arrays here: their members are all of one type. Each call returns 0 or an error code.
 */
interface NvmlLibrary extends Library {
    int SUCCESS = 0;
    int NOT_SUPPORTED = 3;
    int TEMPERATURE_GPU = 0;

    int nvmlInit_v2();

    String nvmlErrorString(int result);

    int nvmlDeviceGetHandleByPciBusId_v2(String pciBusId, PointerByReference device);

    /** {@code {gpu, memory}}, in per cent. */
    int nvmlDeviceGetUtilizationRates(Pointer device, int[] utilization);

    /** {@code {total, free, used}}, in bytes. */
    int nvmlDeviceGetMemoryInfo(Pointer device, long[] memory);

    /** In degrees Celsius. */
    int nvmlDeviceGetTemperature(Pointer device, int sensor, int[] temperature);

    /** In milliwatts. */
    int nvmlDeviceGetPowerUsage(Pointer device, int[] power);

    /** In millijoules since the driver was loaded. */
    int nvmlDeviceGetTotalEnergyConsumption(Pointer device, long[] energy);
}
