package dev.millrace.compare;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.PriorityQueue;

/**
 * Entries of bytes, sorted as unsigned numbers, in as much disk and as little memory as it takes:
 * what exceeds the memory goes into sorted runs in temporary files, which are merged while reading.
 * May be read several times after the last entry was added.
 */
final class SortedBytes implements AutoCloseable {
    private static final int ENTRY_OVERHEAD = 24;
    private static final int BUFFER = 1 << 16;

    private final long memory;
    private final List<Path> runs = new ArrayList<>();
    private List<byte[]> entries = new ArrayList<>();
    private long bytes;
    private long count;
    private boolean sorted;

    /**
     * @param memory bytes of entries to hold before they are written out
     */
    SortedBytes(long memory) {
        this.memory = memory;
    }

    /** Takes an entry over. */
    void add(byte[] entry) throws IOException {
        if (sorted) {
            throw new IllegalStateException("Entries are being read already");
        }
        entries.add(entry);
        count++;
        bytes += entry.length + ENTRY_OVERHEAD;
        if (bytes >= memory) {
            spill();
        }
    }

    long count() {
        return count;
    }

    private void spill() throws IOException {
        entries.sort(Arrays::compareUnsigned);
        Path run = Files.createTempFile("millrace-sorted-", ".run");
        runs.add(run);
        try (DataOutputStream out =
                new DataOutputStream(
                        new BufferedOutputStream(Files.newOutputStream(run), BUFFER))) {
            for (byte[] entry : entries) {
                out.writeInt(entry.length);
                out.write(entry);
            }
        }
        entries = new ArrayList<>();
        bytes = 0;
    }

    /** All entries in order, duplicates included; close it. */
    Entries read() throws IOException {
        if (!sorted) {
            entries.sort(Arrays::compareUnsigned);
            sorted = true;
        }
        return new Entries();
    }

    @Override
    public void close() throws IOException {
        for (Path run : runs) {
            Files.deleteIfExists(run);
        }
        runs.clear();
    }

    /** Entries being read. */
    final class Entries implements Iterator<byte[]>, AutoCloseable {
        private final PriorityQueue<Run> queue =
                new PriorityQueue<>((a, b) -> Arrays.compareUnsigned(a.head, b.head));
        private final List<Run> open = new ArrayList<>();

        private Entries() throws IOException {
            Iterator<byte[]> inMemory = entries.iterator();
            enqueue(new Run(null, inMemory));
            for (Path path : runs) {
                enqueue(
                        new Run(
                                new DataInputStream(
                                        new BufferedInputStream(
                                                Files.newInputStream(path), BUFFER)),
                                null));
            }
        }

        private void enqueue(Run run) throws IOException {
            open.add(run);
            if (run.advance()) {
                queue.add(run);
            }
        }

        @Override
        public boolean hasNext() {
            return !queue.isEmpty();
        }

        @Override
        public byte[] next() {
            Run run = queue.poll();
            if (run == null) {
                throw new NoSuchElementException();
            }
            byte[] entry = run.head;
            try {
                if (run.advance()) {
                    queue.add(run);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return entry;
        }

        @Override
        public void close() throws IOException {
            for (Run run : open) {
                if (run.file != null) {
                    run.file.close();
                }
            }
        }
    }

    /** A sorted run with its next entry; in a file or in memory. */
    private static final class Run {
        private final DataInputStream file;
        private final Iterator<byte[]> inMemory;
        private byte[] head;

        Run(DataInputStream file, Iterator<byte[]> inMemory) {
            this.file = file;
            this.inMemory = inMemory;
        }

        boolean advance() throws IOException {
            if (file == null) {
                head = inMemory.hasNext() ? inMemory.next() : null;
                return head != null;
            }
            try {
                head = file.readNBytes(file.readInt());
                return true;
            } catch (EOFException e) {
                head = null;
                return false;
            }
        }
    }
}
