package dev.millrace.job.kafka;

import java.util.Objects;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;

/** A record whose headers are not copied: those of one micro-batch share them. */
public final class SharedHeadersRecord extends ProducerRecord<byte[], byte[]> {
    private final Headers sharedHeaders;

    public SharedHeadersRecord(
            String topic,
            Integer partition,
            Long timestamp,
            byte[] key,
            byte[] value,
            FixedHeaders headers) {
        super(topic, partition, timestamp, key, value);
        this.sharedHeaders = headers;
    }

    @Override
    public Headers headers() {
        return sharedHeaders;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SharedHeadersRecord that
                && super.equals(that)
                && sharedHeaders.equals(that.sharedHeaders);
    }

    @Override
    public int hashCode() {
        return Objects.hash(super.hashCode(), sharedHeaders);
    }

    @Override
    public String toString() {
        return "ProducerRecord(topic=%s, partition=%s, timestamp=%s)"
                .formatted(topic(), partition(), timestamp());
    }
}
