package dev.millrace.gpu.cuda.driver;

import java.nio.charset.StandardCharsets;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;

/**
 * A reference to a device's primary context, with the device's facts. Any thread may use it, after
 * {@link #makeCurrent()} on that thread. Closing the last one destroys the context.
 */
public final class CudaContext implements AutoCloseable {
    /** CUBINs of CUDA 12 need a driver of CUDA 12. */
    static final int MINIMUM_DRIVER_VERSION = 12000;

    private final CUdevice device;
    private final CUcontext context;
    private final DeviceFacts facts;
    private boolean closed;

    /**
     * What the device is.
     *
     * @param name the device's name as the driver gives it
     * @param pciBusId where it is plugged in, the same for every library of NVIDIA's
     * @param capability compute capability, 90 for 9.0
     * @param multiprocessors number of multiprocessors
     * @param sharedBytesPerBlock the most shared memory one block can opt into
     * @param driverVersion 12040 for CUDA 12.4
     */
    public record DeviceFacts(
            String name,
            String pciBusId,
            int capability,
            int multiprocessors,
            int sharedBytesPerBlock,
            int driverVersion) {}

    private CudaContext(CUdevice device, DeviceFacts facts) {
        this.device = device;
        this.facts = facts;
        this.context = CudaDriver.retainPrimaryContext(device);
    }

    private static DeviceFacts factsOf(CUdevice device, int driverVersion) {
        return new DeviceFacts(
                text(CudaDriver.deviceName(device)),
                CudaDriver.devicePciBusId(device),
                10 * CudaDriver.deviceAttribute(device, CudaDriver.ATTRIBUTE_CAPABILITY_MAJOR)
                        + CudaDriver.deviceAttribute(device, CudaDriver.ATTRIBUTE_CAPABILITY_MINOR),
                CudaDriver.deviceAttribute(device, CudaDriver.ATTRIBUTE_MULTIPROCESSORS),
                CudaDriver.deviceAttribute(device, CudaDriver.ATTRIBUTE_SHARED_PER_BLOCK_OPT_IN),
                driverVersion);
    }

    /** What a device is, loading and initialising the driver if needed. Takes nothing of it. */
    public static DeviceFacts examine(int ordinal) throws CudaUnavailableException {
        int version = checkedDriver();
        try {
            return factsOf(checkedDevice(ordinal), version);
        } catch (CudaException e) {
            throw unusable(version, e);
        }
    }

    /** Retains the primary context of a device, loading and initialising the driver if needed. */
    public static CudaContext open(int ordinal) throws CudaUnavailableException {
        int version = checkedDriver();
        try {
            CUdevice device = checkedDevice(ordinal);
            return new CudaContext(device, factsOf(device, version));
        } catch (CudaException e) {
            throw unusable(version, e);
        }
    }

    private static CUdevice checkedDevice(int ordinal) throws CudaUnavailableException {
        CudaDriver.initialise();
        int devices = CudaDriver.deviceCount();
        if (ordinal >= devices) {
            throw new CudaUnavailableException(
                    "There is no CUDA device %d: the driver sees %d; set the device to less than that"
                            .formatted(ordinal, devices));
        }
        return CudaDriver.device(ordinal);
    }

    private static CudaUnavailableException unusable(int version, CudaException cause) {
        return new CudaUnavailableException(
                "The NVIDIA driver (CUDA %s) found no usable device: %s; check nvidia-smi and, in a container, that the GPU is passed in"
                        .formatted(dotted(version), cause.getMessage()),
                cause);
    }

    private static int checkedDriver() throws CudaUnavailableException {
        NativeLibraries.loadDriver();
        int version;
        try {
            version = CudaDriver.driverVersion();
        } catch (CudaException e) {
            throw new CudaUnavailableException(
                    "The NVIDIA driver does not answer: " + e.getMessage(), e);
        }
        if (version < MINIMUM_DRIVER_VERSION) {
            throw new CudaUnavailableException(
                    "The NVIDIA driver is too old: it serves CUDA %s, Millrace needs %s (driver 525) or newer; update the driver"
                            .formatted(dotted(version), dotted(MINIMUM_DRIVER_VERSION)));
        }
        return version;
    }

    private static String dotted(int version) {
        return version / 1000 + "." + version % 1000 / 10;
    }

    private static String text(byte[] zeroTerminated) {
        int length = 0;
        while (length < zeroTerminated.length && zeroTerminated[length] != 0) {
            length++;
        }
        return new String(zeroTerminated, 0, length, StandardCharsets.UTF_8);
    }

    public DeviceFacts facts() {
        return facts;
    }

    /** Binds the context to the calling thread; cheap when it is bound already. */
    public void makeCurrent() {
        CudaDriver.setCurrent(context);
    }

    /** Free device memory in bytes. The context must be current. */
    public long freeBytes() {
        long[] free = new long[1];
        CudaDriver.memoryInfo(free, new long[1]);
        return free[0];
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        CudaDriver.releasePrimaryContext(device);
    }
}
