package dev.millrace.job.kafka;

import java.util.Objects;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;

/**
 * A record that is filled again for the next one, so that sending costs no allocation here.
 *
 * <p>Kafka's producer copies a record into its batch before {@code send} returns and keeps nothing
 * of it but headers and topic; only an interceptor could. Whoever else wants to keep one takes a
 * {@link #copy()}. One thread.
 */
public final class ReusedRecord extends ProducerRecord<byte[], byte[]> {
    private static final FixedHeaders NO_HEADERS = new FixedHeaders();
    private static final byte[] NO_VALUE = {};

    private Integer partition;
    private Long timestamp;
    private byte[] key;
    private byte[] value = NO_VALUE;
    private FixedHeaders headers = NO_HEADERS;

    public ReusedRecord(String topic) {
        super(topic, NO_VALUE);
    }

    /**
     * Makes it another record.
     *
     * @param partition not negative, or null for the producer's choice
     * @param timestamp not negative, or null for the time of sending
     * @param value kept, and handed out by {@link #value()} until the next call
     */
    public ReusedRecord fill(
            Integer partition, Long timestamp, byte[] key, byte[] value, FixedHeaders headers) {
        this.partition = partition;
        this.timestamp = timestamp;
        this.key = key;
        this.value = value;
        this.headers = headers;
        return this;
    }

    /** A record of its own, value included; keys and headers are never written to. */
    public ProducerRecord<byte[], byte[]> copy() {
        return new SharedHeadersRecord(topic(), partition, timestamp, key, value.clone(), headers);
    }

    @Override
    public Integer partition() {
        return partition;
    }

    @Override
    public Long timestamp() {
        return timestamp;
    }

    @Override
    public byte[] key() {
        return key;
    }

    @Override
    public byte[] value() {
        return value;
    }

    @Override
    public Headers headers() {
        return headers;
    }

    /** Identity: its contents do not last. */
    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return Objects.hashCode(topic());
    }

    @Override
    public String toString() {
        return "ProducerRecord(topic=%s, partition=%s, timestamp=%s)"
                .formatted(topic(), partition, timestamp);
    }
}
