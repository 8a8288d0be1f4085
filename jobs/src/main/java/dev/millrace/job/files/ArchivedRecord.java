package dev.millrace.job.files;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Optional;
import java.util.function.Function;
import org.apache.flink.core.fs.Path;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;

/** Makes the Kafka record that an archived record was. */
final class ArchivedRecord {
    private ArchivedRecord() {}

    /**
     * One record.
     *
     * @param number of the record in its file, from 0
     * @param perMilli units of its timestamp in a millisecond
     * @param values a field's value by name, null where there is none
     */
    static ConsumerRecord<byte[], byte[]> of(
            Path path,
            long number,
            ArchiveFields fields,
            long perMilli,
            Function<String, Object> values,
            byte[] value) {
        byte[] key = read(fields.key(), values).map(o -> o.toString().getBytes(UTF_8)).orElse(null);
        return new ConsumerRecord<>(
                read(fields.topic(), values).map(Object::toString).orElse(path.getName()),
                (int) integer(fields.partition(), values, 0),
                integer(fields.offset(), values, number),
                timestamp(fields.timestamp(), perMilli, values),
                TimestampType.CREATE_TIME,
                key == null ? ConsumerRecord.NULL_SIZE : key.length,
                value.length,
                key,
                value,
                new RecordHeaders(),
                Optional.empty());
    }

    private static long timestamp(String field, long perMilli, Function<String, Object> values) {
        long units = integer(field, values, Long.MIN_VALUE);
        // A time before 1970 is none that Kafka knows.
        return units < 0 ? ConsumerRecord.NO_TIMESTAMP : units / perMilli;
    }

    private static Optional<Object> read(String field, Function<String, Object> values) {
        return field == null ? Optional.empty() : Optional.ofNullable(values.apply(field));
    }

    private static long integer(String field, Function<String, Object> values, long otherwise) {
        Optional<Object> value = read(field, values);
        if (value.isEmpty()) {
            return otherwise;
        }
        if (value.get() instanceof Number number) {
            return number.longValue();
        }
        try {
            return Long.parseLong(value.get().toString());
        } catch (NumberFormatException e) {
            return otherwise;
        }
    }
}
