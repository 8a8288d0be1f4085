package dev.millrace.job.files;

import java.io.Serializable;
import java.time.Instant;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Records by their timestamps. One without a timestamp is in every range, so that a line that
 * cannot be read becomes a dead letter and is not passed over in silence.
 *
 * @param fromMs the first timestamp
 * @param toMs the first timestamp after it
 */
public record TimeRange(long fromMs, long toMs) implements Serializable {
    /** All there is. */
    public static final TimeRange ALL = new TimeRange(Long.MIN_VALUE, Long.MAX_VALUE);

    /** From an instant to before another, where they are given. */
    public static TimeRange of(Optional<Instant> from, Optional<Instant> to) {
        return new TimeRange(
                from.map(Instant::toEpochMilli).orElse(Long.MIN_VALUE),
                to.map(Instant::toEpochMilli).orElse(Long.MAX_VALUE));
    }

    boolean holds(ConsumerRecord<byte[], byte[]> record) {
        long timestamp = record.timestamp();
        return timestamp == ConsumerRecord.NO_TIMESTAMP
                || (timestamp >= fromMs && timestamp < toMs);
    }
}
