package dev.millrace.gpu.cuda.driver;

import jcuda.driver.CUdeviceptr;

/** One allocation of device memory. Owned by whoever created it. */
public final class DeviceMemory implements AutoCloseable {
    private final CUdeviceptr pointer;
    private final long address;
    private final long bytes;
    private boolean closed;

    public DeviceMemory(long bytes) {
        this.pointer = CudaDriver.allocate(bytes);
        this.address = new Address(pointer).value();
        this.bytes = bytes;
    }

    private DeviceMemory(CUdeviceptr pointer, long bytes) {
        this.pointer = pointer;
        this.address = new Address(pointer).value();
        this.bytes = bytes;
    }

    /** Memory of this process that was allocated elsewhere; ownership passes to the result. */
    public static DeviceMemory at(long address, long bytes) {
        return new DeviceMemory(new CUdeviceptr().withByteOffset(address), bytes);
    }

    public long bytes() {
        return bytes;
    }

    /** The address as kernels see it. */
    public long address() {
        return address;
    }

    CUdeviceptr at(long offset) {
        return pointer.withByteOffset(offset);
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            CudaDriver.free(pointer);
        }
    }

    /** JCuda keeps the number to itself and its subclasses. */
    private static final class Address extends CUdeviceptr {
        Address(CUdeviceptr pointer) {
            super(pointer);
        }

        long value() {
            return getNativePointer() + getByteOffset();
        }
    }
}
