package dev.millrace.job.release;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.utils.Utils;

/**
 * Where a record's key lies between 0 and 1: the same for all records of a key, everywhere and for
 * ever. A record without a key is placed by its source position.
 */
public final class KeyShare {
    private static final double RANGE = 1L << 32;

    private KeyShare() {}

    /** At least 0, below 1. */
    public static double of(ConsumerRecord<byte[], byte[]> record) {
        byte[] key = record.key() == null ? position(record) : record.key();
        // Kafka's partitioner takes the same hash modulo the partitions, from its low bits; mixed,
        // its high bits are spread evenly within each partition too.
        int hash = Utils.murmur2(key) * 0x9E3779B1;
        return Integer.toUnsignedLong(hash ^ hash >>> 15) / RANGE;
    }

    private static byte[] position(ConsumerRecord<byte[], byte[]> record) {
        byte[] topic = record.topic().getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(topic.length + Integer.BYTES + Long.BYTES)
                .put(topic)
                .putInt(record.partition())
                .putLong(record.offset())
                .array();
    }
}
