package dev.millrace.job.kafka;

import java.util.Objects;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;

/**
 * A scored record with a shadow's beside it, on its way to where the two part. Only within a chain:
 * serialised, it is the scored record alone.
 */
public final class ShadowedRecord extends ProducerRecord<byte[], byte[]> {
    private final ProducerRecord<byte[], byte[]> scored;
    private final ProducerRecord<byte[], byte[]> shadow;

    public ShadowedRecord(
            ProducerRecord<byte[], byte[]> scored, ProducerRecord<byte[], byte[]> shadow) {
        super(scored.topic(), scored.partition(), scored.timestamp(), scored.key(), scored.value());
        this.scored = scored;
        this.shadow = shadow;
    }

    /** The record for the shadow topic. */
    public ProducerRecord<byte[], byte[]> shadow() {
        return shadow;
    }

    @Override
    public Headers headers() {
        return scored.headers();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ShadowedRecord that
                && scored.equals(that.scored)
                && shadow.equals(that.shadow);
    }

    @Override
    public int hashCode() {
        return Objects.hash(scored, shadow);
    }
}
