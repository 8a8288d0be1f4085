package dev.millrace.gpu.cuda.kernel;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Everything constant of one model, laid out as one block of device memory. */
public final class ConstantTable {
    private static final int ALIGNMENT = 256;

    private final List<Part> parts = new ArrayList<>();
    private long bytes;

    private record Part(long offset, ByteBuffer content) {}

    ConstantTable() {}

    /** Adds contents (from position 0 to the limit); returns their offset. */
    long add(ByteBuffer content) {
        long offset = bytes;
        parts.add(new Part(offset, content));
        bytes = (offset + content.limit() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        return offset;
    }

    /** Size of the whole table; 0 for a model without constants. */
    public long bytes() {
        return bytes;
    }

    /** Copies a part of the table into a buffer, from its position 0 on. */
    public void read(long from, ByteBuffer to) {
        for (Part part : parts) {
            long start = Math.max(from, part.offset);
            long end = Math.min(from + to.limit(), part.offset + part.content.limit());
            if (start < end) {
                to.put(
                        (int) (start - from),
                        part.content,
                        (int) (start - part.offset),
                        (int) (end - start));
            }
        }
    }
}
