package dev.millrace.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.cli.records.RefusedRecordException;
import dev.millrace.job.config.ValueFormat;
import dev.millrace.job.files.TimestampUnit;
import dev.millrace.schema.Framing;
import dev.millrace.schema.PlainJson;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Makes Kafka records of a schema's records, in the format that a pipeline reads. One thread. */
final class RecordEncoder {
    private final String topic;
    private final ValueFormat format;
    private final String key;
    private final String timestamp;
    private final long unitsPerMilli;
    private final Schema schema;
    private final byte[] header;
    private final GenericDatumWriter<GenericRecord> writer;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private BinaryEncoder encoder;

    /**
     * Encodes for one topic.
     *
     * @param framing what stands before each value; nothing for JSON
     * @param key the field that is the key, or null
     * @param timestamp the field that is the timestamp, or null
     */
    RecordEncoder(
            String topic,
            ValueFormat format,
            Framing framing,
            Schema schema,
            String key,
            String timestamp) {
        this.topic = topic;
        this.format = format;
        this.key = key;
        this.timestamp = timestamp;
        this.unitsPerMilli =
                timestamp == null ? 1 : TimestampUnit.perMilli(schema.getField(timestamp).schema());
        this.schema = schema;
        this.header = framing.header();
        this.writer = new GenericDatumWriter<>(schema);
    }

    /**
     * Encodes one.
     *
     * @throws RefusedRecordException if its timestamp is none that a Kafka record can have
     */
    ProducerRecord<byte[], byte[]> encode(GenericRecord record)
            throws IOException, RefusedRecordException {
        Object keyValue = key == null ? null : record.get(key);
        return new ProducerRecord<>(
                topic,
                null,
                timestamp == null ? null : millis(record),
                keyValue == null ? null : keyValue.toString().getBytes(UTF_8),
                value(record));
    }

    /**
     * Whether a field can be a record's timestamp: a whole number, which may be missing, and which
     * its type does not say to be something else than a point in time.
     */
    static boolean isTimestamp(Schema.Field field) {
        Schema schema = field.schema();
        List<Schema> types = schema.isUnion() ? schema.getTypes() : List.of(schema);
        List<Schema.Type> values =
                types.stream()
                        .map(Schema::getType)
                        .filter(type -> type != Schema.Type.NULL)
                        .toList();
        return !values.isEmpty()
                && values.stream()
                        .allMatch(type -> type == Schema.Type.LONG || type == Schema.Type.INT)
                && types.stream().noneMatch(RecordEncoder::isDateOrTimeOfDay);
    }

    private static boolean isDateOrTimeOfDay(Schema schema) {
        String type = schema.getProp("logicalType");
        return type != null && (type.equals("date") || type.startsWith("time-"));
    }

    private long millis(GenericRecord record) throws RefusedRecordException {
        Object value = record.get(timestamp);
        if (value == null) {
            throw new RefusedRecordException(
                    "field %s is null, --timestamp needs a value".formatted(timestamp));
        }
        long units = ((Number) value).longValue();
        if (units < 0) {
            throw new RefusedRecordException(
                    "field %s is %d, Kafka takes no timestamp before 1970"
                            .formatted(timestamp, units));
        }
        return units / unitsPerMilli;
    }

    private byte[] value(GenericRecord record) throws IOException {
        if (format == ValueFormat.JSON) {
            return PlainJson.bytes(schema, record);
        }
        bytes.reset();
        bytes.writeBytes(header);
        encoder = EncoderFactory.get().directBinaryEncoder(bytes, encoder);
        writer.write(record, encoder);
        return bytes.toByteArray();
    }
}
