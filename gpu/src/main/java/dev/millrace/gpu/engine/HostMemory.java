package dev.millrace.gpu.engine;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Direct host memory with a definite end: freed by {@link #close()}, not when the collector gets to
 * it. For the slots of engines that need no page-locked memory.
 *
 * <p>After {@code close} the buffer and every slice of it point to freed memory: touching them is
 * undefined, as with page-locked memory.
 */
public final class HostMemory implements AutoCloseable {
    /** Cache line, and the widest vector register: what vector loads like best. */
    public static final int ALIGNMENT = 64;

    private static final AtomicLong HELD_BYTES = new AtomicLong();
    private static final MethodHandle CLEANER = findCleaner();

    private final ByteBuffer base;
    private final ByteBuffer buffer;
    private boolean closed;

    /**
     * Allocates zeroed memory.
     *
     * @param bytes usable size, at least 0
     */
    public HostMemory(int bytes) {
        base = ByteBuffer.allocateDirect(Math.addExact(bytes, ALIGNMENT));
        int offset = ALIGNMENT - base.alignmentOffset(0, ALIGNMENT);
        buffer = base.slice(offset % ALIGNMENT, bytes).order(ByteOrder.nativeOrder());
        HELD_BYTES.addAndGet(bytes);
    }

    /** The memory, in native byte order. The same buffer every time. */
    public ByteBuffer buffer() {
        return buffer;
    }

    /** Bytes that instances of this process hold at present: zero when every engine is closed. */
    public static long heldBytes() {
        return HELD_BYTES.get();
    }

    /** Frees the memory. Idempotent; one thread at a time. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        HELD_BYTES.addAndGet(-buffer.capacity());
        try {
            CLEANER.invokeExact(base);
        } catch (Throwable e) {
            throw new IllegalStateException("Direct memory could not be freed", e);
        }
    }

    /** The JDK's supported way (module jdk.unsupported) to free a direct buffer at once. */
    private static MethodHandle findCleaner() {
        try {
            Class<?> type = Class.forName("sun.misc.Unsafe");
            Field field = type.getDeclaredField("theUnsafe");
            field.setAccessible(true);
            MethodType signature = MethodType.methodType(void.class, ByteBuffer.class);
            return MethodHandles.lookup()
                    .findVirtual(type, "invokeCleaner", signature)
                    .bindTo(field.get(null));
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }
}
