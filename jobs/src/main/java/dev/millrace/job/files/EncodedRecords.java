package dev.millrace.job.files;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Records of a file, encoded in plain Avro with the pipeline's schema. One thread. */
final class EncodedRecords {
    private final String topic;
    private final ArchiveFields fields;
    private final long perMilli;
    private final GenericDatumWriter<GenericRecord> writer;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private BinaryEncoder encoder;

    EncodedRecords(String topic, Schema schema, ArchiveFields fields) {
        this(topic, schema, fields, perMilli(schema, fields));
    }

    /**
     * @param topic where no field says another
     * @param perMilli units of a record's timestamp in a millisecond
     */
    EncodedRecords(String topic, Schema schema, ArchiveFields fields, long perMilli) {
        this.topic = topic;
        this.fields = fields;
        this.perMilli = perMilli;
        this.writer = new GenericDatumWriter<>(schema);
    }

    private static long perMilli(Schema schema, ArchiveFields fields) {
        Schema.Field field =
                fields.timestamp() == null ? null : schema.getField(fields.timestamp());
        return field == null ? 1 : TimestampUnit.perMilli(field.schema());
    }

    ConsumerRecord<byte[], byte[]> of(long number, GenericRecord record) throws IOException {
        bytes.reset();
        encoder = EncoderFactory.get().directBinaryEncoder(bytes, encoder);
        writer.write(record, encoder);
        return ArchivedRecord.of(
                topic, number, fields, perMilli, new Values(record), bytes.toByteArray());
    }

    private record Values(GenericRecord record) implements ArchivedRecord.Values {
        @Override
        public boolean has(String field) {
            return record.hasField(field);
        }

        @Override
        public Object get(String field) {
            return record.get(field);
        }
    }
}
