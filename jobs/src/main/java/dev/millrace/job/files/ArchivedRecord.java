package dev.millrace.job.files;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.math.BigDecimal;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;

/** Makes the Kafka record that an archived record was. */
final class ArchivedRecord {
    private ArchivedRecord() {}

    /** The fields of one record. */
    interface Values {
        boolean has(String field);

        /** Null where it is null. */
        Object get(String field);
    }

    /**
     * One record.
     *
     * @param topic where no field says another
     * @param number of the record in its file, from 0
     * @param perMilli units of its timestamp in a millisecond
     * @throws UnplacedRecordException if a field that was named does not say what it should
     */
    static ConsumerRecord<byte[], byte[]> of(
            String topic,
            long number,
            ArchiveFields fields,
            long perMilli,
            Values values,
            byte[] value)
            throws UnplacedRecordException {
        byte[] key = key(fields.key(), values);
        return new ConsumerRecord<>(
                topic(fields.topic(), values, topic),
                (int) whole("--partition-field", fields.partition(), values, 0, Integer.MAX_VALUE),
                whole("--offset-field", fields.offset(), values, number, Long.MAX_VALUE),
                timestamp(fields.timestamp(), perMilli, values),
                TimestampType.CREATE_TIME,
                key == null ? ConsumerRecord.NULL_SIZE : key.length,
                value.length,
                key,
                value,
                new RecordHeaders(),
                Optional.empty());
    }

    /** A record without a key is one as good as any. */
    private static byte[] key(String field, Values values) throws UnplacedRecordException {
        if (field == null) {
            return null;
        }
        Object key = read("--key-field", field, values);
        return key == null ? null : key.toString().getBytes(UTF_8);
    }

    private static String topic(String field, Values values, String otherwise)
            throws UnplacedRecordException {
        if (field == null) {
            return otherwise;
        }
        Object topic = read("--topic-field", field, values);
        if (topic == null || topic.toString().isBlank()) {
            throw unreadable("--topic-field", field, topic, "no topic");
        }
        return topic.toString();
    }

    private static long whole(
            String option, String field, Values values, long otherwise, long greatest)
            throws UnplacedRecordException {
        if (field == null) {
            return otherwise;
        }
        Object value = read(option, field, values);
        OptionalLong number = whole(value);
        if (number.isEmpty() || number.getAsLong() < 0 || number.getAsLong() > greatest) {
            throw unreadable(
                    option, field, value, "no whole number from 0 to %d".formatted(greatest));
        }
        return number.getAsLong();
    }

    private static long timestamp(String field, long perMilli, Values values)
            throws UnplacedRecordException {
        if (field == null) {
            return ConsumerRecord.NO_TIMESTAMP;
        }
        Object value = read("--timestamp-field", field, values);
        OptionalLong units = whole(value);
        OptionalLong millis =
                units.isPresent() ? OptionalLong.of(units.getAsLong() / perMilli) : time(value);
        if (millis.isEmpty() || millis.getAsLong() < 0) {
            throw unreadable(
                    "--timestamp-field",
                    field,
                    value,
                    "neither a whole number of milliseconds since 1970 nor a time since then such as 2026-01-31T00:00:00Z");
        }
        return millis.getAsLong();
    }

    private static Object read(String option, String field, Values values)
            throws UnplacedRecordException {
        if (!values.has(field)) {
            throw new UnplacedRecordException(
                    "there is no field '%s', which %s names; mend the name or the record, or leave the option out"
                            .formatted(field, option));
        }
        return values.get(field);
    }

    private static UnplacedRecordException unreadable(
            String option, String field, Object value, String problem) {
        return new UnplacedRecordException(
                "field '%s', which %s names, is %s: %s; mend the record, name another field, or leave the option out"
                        .formatted(
                                field,
                                option,
                                value == null ? "null" : "'" + value + "'",
                                problem));
    }

    private static OptionalLong whole(Object value) {
        if (value == null) {
            return OptionalLong.empty();
        }
        try {
            return OptionalLong.of(new BigDecimal(value.toString()).longValueExact());
        } catch (NumberFormatException | ArithmeticException e) {
            return OptionalLong.empty();
        }
    }

    private static OptionalLong time(Object value) {
        if (value == null) {
            return OptionalLong.empty();
        }
        try {
            return OptionalLong.of(
                    OffsetDateTime.parse(value.toString()).toInstant().toEpochMilli());
        } catch (DateTimeParseException e) {
            return OptionalLong.empty();
        }
    }
}
