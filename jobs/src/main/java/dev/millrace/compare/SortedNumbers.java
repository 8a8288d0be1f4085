package dev.millrace.compare;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Iterator;

/** Numbers in ascending order, however many; NaN are only counted. */
final class SortedNumbers implements AutoCloseable {
    private final SortedBytes sorted;
    private long nans;

    SortedNumbers(long memory) {
        sorted = new SortedBytes(memory);
    }

    void add(double number) throws IOException {
        if (Double.isNaN(number)) {
            nans++;
            return;
        }
        long bits = Double.doubleToRawLongBits(number + 0.0);
        // Unsigned order of the bytes is the order of the numbers.
        long ordered = bits < 0 ? ~bits : bits ^ Long.MIN_VALUE;
        sorted.add(ByteBuffer.allocate(Long.BYTES).putLong(ordered).array());
    }

    /** How many there are, without NaN. */
    long count() {
        return sorted.count();
    }

    long nans() {
        return nans;
    }

    Numbers read() throws IOException {
        return new Numbers(sorted.read());
    }

    @Override
    public void close() throws IOException {
        sorted.close();
    }

    /** Numbers being read. */
    static final class Numbers implements AutoCloseable {
        private final SortedBytes.Entries entries;
        private final Iterator<byte[]> iterator;

        private Numbers(SortedBytes.Entries entries) {
            this.entries = entries;
            this.iterator = entries;
        }

        boolean hasNext() {
            return iterator.hasNext();
        }

        double next() {
            long ordered = ByteBuffer.wrap(iterator.next()).getLong();
            long bits = ordered < 0 ? ordered ^ Long.MIN_VALUE : ~ordered;
            return Double.longBitsToDouble(bits);
        }

        @Override
        public void close() throws IOException {
            entries.close();
        }
    }
}
