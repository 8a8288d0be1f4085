package dev.millrace.local.demo;

import java.io.IOException;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;

/** Reads from a scored record's beginning which record was scored, and nothing else. Reusable. */
final class ScoredPosition {
    private BinaryDecoder decoder;
    private int partition;
    private long offset;
    private long timestampMs;

    void read(byte[] scoredRecord) {
        try {
            decoder = DecoderFactory.get().binaryDecoder(scoredRecord, decoder);
            decoder.skipString(); // pipeline
            decoder.skipString(); // source.topic
            partition = decoder.readInt();
            offset = decoder.readLong();
            timestampMs = decoder.readLong();
        } catch (IOException e) {
            throw new DemoException("A scored record cannot be decoded: " + e.getMessage(), e);
        }
    }

    /** The partition of the scored record's input. */
    int partition() {
        return partition;
    }

    /** The offset of the scored record's input. */
    long offset() {
        return offset;
    }

    /** When the scored record's input was submitted. */
    long timestampMs() {
        return timestampMs;
    }
}
