package dev.millrace.gpu.cuda.driver;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jcuda.Pointer;

/**
 * One allocation of page-locked host memory. Owned by whoever created it; no buffer of it may be
 * touched after {@link #close()}.
 */
public final class PinnedMemory implements AutoCloseable {
    private final Pointer pointer;
    private final long address;
    private final int bytes;
    private boolean closed;

    /**
     * Allocates.
     *
     * @param bytes size; the binding cannot address 2 GiB or more
     */
    public PinnedMemory(long bytes) {
        if (bytes > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "One pinned allocation holds at most %d bytes, not %d; lower the max batch size"
                            .formatted(Integer.MAX_VALUE, bytes));
        }
        this.pointer = CudaDriver.allocatePinned(bytes);
        this.address = new Address(pointer).value();
        this.bytes = (int) bytes;
    }

    public int bytes() {
        return bytes;
    }

    public long address() {
        return address;
    }

    /** A view of a part, in native byte order, its position zero and its limit the part's size. */
    public ByteBuffer view(int offset, int length) {
        return pointer.getByteBuffer(0, bytes).slice(offset, length).order(ByteOrder.nativeOrder());
    }

    Pointer at(long offset) {
        return pointer.withByteOffset(offset);
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            CudaDriver.freePinned(pointer);
        }
    }

    /** JCuda keeps the number to itself and its subclasses. */
    private static final class Address extends Pointer {
        Address(Pointer pointer) {
            super(pointer);
        }

        long value() {
            return getNativePointer() + getByteOffset();
        }
    }
}
