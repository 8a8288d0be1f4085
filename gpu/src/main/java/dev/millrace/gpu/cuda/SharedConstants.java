package dev.millrace.gpu.cuda;

import dev.millrace.gpu.cuda.driver.CudaEvent;
import dev.millrace.gpu.cuda.driver.CudaStream;
import dev.millrace.gpu.cuda.driver.DeviceMemory;
import dev.millrace.gpu.cuda.driver.PinnedMemory;
import dev.millrace.gpu.cuda.kernel.ConstantTable;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.concurrent.locks.LockSupport;

/**
 * A model's weights and tables in device memory, once per device for all engines of this process
 * that have the same contents, whichever class loader they come from. Any thread with the context
 * current.
 *
 * <p>Class loaders share no statics, so who holds what is kept where they all see it: in system
 * properties, as text, under a lock that all see, too.
 */
final class SharedConstants implements AutoCloseable {
    private static final String PROPERTY_PREFIX = "millrace.cuda.constants.";
    private static final int STAGING_BYTES = 4 << 20;
    private static final long POLL_NANOS = 20_000;

    /** Interned, so the same object for every class loader. */
    private static final Object LOCK = (PROPERTY_PREFIX + "lock").intern();

    private final String property;
    private final long address;
    private final long bytes;
    private boolean closed;

    private SharedConstants(String property, long address, long bytes) {
        this.property = property;
        this.address = address;
        this.bytes = bytes;
    }

    /** One line of the registry: how many hold it, and where it is. */
    private record Entry(int holders, long address) {
        static Entry parse(String text) {
            String[] parts = text.split(" ", -1);
            return new Entry(Integer.parseInt(parts[0]), Long.parseLong(parts[1]));
        }

        @Override
        public String toString() {
            return holders + " " + address;
        }
    }

    /** The constants on a device: those that are there, or else copied now. */
    static SharedConstants acquire(int device, ConstantTable table) {
        long bytes = Math.max(1, table.bytes());
        String property = PROPERTY_PREFIX + device + "." + digest(table);
        synchronized (LOCK) {
            String known = System.getProperty(property);
            if (known != null) {
                Entry entry = Entry.parse(known);
                put(property, new Entry(entry.holders() + 1, entry.address()));
                return new SharedConstants(property, entry.address(), bytes);
            }
            long address = copyToDevice(table, bytes);
            put(property, new Entry(1, address));
            return new SharedConstants(property, address, bytes);
        }
    }

    private static void put(String property, Entry entry) {
        System.setProperty(property, entry.toString());
    }

    /** The content's hash, read part by part. */
    private static String digest(ConstantTable table) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            ByteBuffer part = ByteBuffer.allocateDirect(64 << 10);
            for (long at = 0; at < table.bytes(); at += part.capacity()) {
                part.clear().limit((int) Math.min(part.capacity(), table.bytes() - at));
                table.read(at, part);
                digest.update(part);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java runtime has SHA-256", e);
        }
    }

    private static long copyToDevice(ConstantTable table, long bytes) {
        DeviceMemory memory = new DeviceMemory(bytes);
        try (Closing closing = new Closing()) {
            CudaStream stream = closing.add(new CudaStream());
            CudaEvent done = closing.add(CudaEvent.forCompletion());
            int stagingBytes = (int) Math.min(STAGING_BYTES, bytes);
            PinnedMemory staging = closing.add(new PinnedMemory(stagingBytes));
            for (long at = 0; at < table.bytes(); at += stagingBytes) {
                int part = (int) Math.min(stagingBytes, table.bytes() - at);
                table.read(at, staging.view(0, part));
                stream.copyToDevice(memory, at, staging, 0, part);
                stream.record(done);
                while (!done.isReached()) {
                    LockSupport.parkNanos(POLL_NANOS);
                }
            }
        } catch (RuntimeException e) {
            memory.close();
            throw e;
        }
        return memory.address();
    }

    long address() {
        return address;
    }

    long bytes() {
        return bytes;
    }

    /** The last holder frees the memory. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        synchronized (LOCK) {
            Entry entry = Entry.parse(System.getProperty(property));
            if (entry.holders() > 1) {
                put(property, new Entry(entry.holders() - 1, entry.address()));
                return;
            }
            System.clearProperty(property);
            DeviceMemory.at(address, bytes).close();
        }
    }
}
