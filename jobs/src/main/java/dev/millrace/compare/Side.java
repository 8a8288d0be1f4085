package dev.millrace.compare;

import dev.millrace.schema.RecordDecodingException;
import dev.millrace.schema.ScoredRecord;
import dev.millrace.schema.ScoredRecordDecoder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/** One side of a comparison: its scored records by source position. */
final class Side implements AutoCloseable {
    private static final int NUMBERS = Integer.BYTES + Long.BYTES;

    private final String name;
    private final ComparisonOptions options;
    private final SortedBytes records;
    private final Map<String, Long> exactness = new TreeMap<>();
    private long read;
    private long others;
    private long outOfRange;

    Side(String name, ComparisonOptions options) {
        this.name = name;
        this.options = options;
        this.records = new SortedBytes(options.memoryBytes());
    }

    /**
     * Takes a value of a topic or file.
     *
     * @param exactness what the record says of the engine that scored it; may be empty
     */
    void add(byte[] value, String exactness) throws IOException {
        read++;
        ScoredRecord scored;
        try {
            scored = ScoredRecordDecoder.decode(value);
        } catch (RecordDecodingException e) {
            others++;
            return;
        }
        if (!options.holds(scored.source())) {
            outOfRange++;
            return;
        }
        if (!exactness.isEmpty()) {
            this.exactness.merge(exactness, 1L, Long::sum);
        }
        byte[] topic = scored.source().topic().getBytes(StandardCharsets.UTF_8);
        ByteBuffer entry = ByteBuffer.allocate(topic.length + 1 + NUMBERS + value.length);
        // In the order of topic, partition, offset: a topic's name holds no zero.
        entry.put(topic).put((byte) 0);
        entry.putInt(scored.source().partition()).putLong(scored.source().offset());
        entry.put(value);
        records.add(entry.array());
    }

    String name() {
        return name;
    }

    /** Values read, of whatever kind. */
    long read() {
        return read;
    }

    /** Values that were no scored records. */
    long others() {
        return others;
    }

    /** Scored records whose source timestamp is not within the times that are compared. */
    long outOfRange() {
        return outOfRange;
    }

    /** How many of the others say which exactness. */
    Map<String, Long> exactness() {
        return exactness;
    }

    Positions positions() throws IOException {
        return new Positions(records.read());
    }

    @Override
    public void close() throws IOException {
        records.close();
    }

    /** Positions in order, each with its scored record; equal duplicates count as one. */
    static final class Positions implements AutoCloseable {
        private final SortedBytes.Entries entries;
        private byte[] next;
        private byte[] current;
        private long duplicates;
        private long conflicts;

        private Positions(SortedBytes.Entries entries) {
            this.entries = entries;
            this.next = entries.hasNext() ? entries.next() : null;
        }

        /** Moves to the next position; false at the end. */
        boolean advance() {
            current = next;
            if (current == null) {
                return false;
            }
            next = entries.hasNext() ? entries.next() : null;
            while (next != null && compare(current, next) == 0) {
                if (Arrays.equals(current, next)) {
                    duplicates++;
                } else {
                    conflicts++;
                    current = next;
                }
                next = entries.hasNext() ? entries.next() : null;
            }
            return true;
        }

        /** The position as bytes whose order is that of positions. */
        byte[] key() {
            return current;
        }

        ScoredRecord record() {
            int start = keyLength(current);
            try {
                return ScoredRecordDecoder.decode(
                        Arrays.copyOfRange(current, start, current.length));
            } catch (RecordDecodingException e) {
                throw new IllegalStateException("It was decoded before", e);
            }
        }

        long duplicates() {
            return duplicates;
        }

        /** Positions with several scored records that differ; one of them was taken. */
        long conflicts() {
            return conflicts;
        }

        @Override
        public void close() throws IOException {
            entries.close();
        }
    }

    static int compare(byte[] left, byte[] right) {
        return Arrays.compareUnsigned(left, 0, keyLength(left), right, 0, keyLength(right));
    }

    private static int keyLength(byte[] entry) {
        int zero = 0;
        while (entry[zero] != 0) {
            zero++;
        }
        return zero + 1 + NUMBERS;
    }
}
