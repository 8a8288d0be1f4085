package dev.millrace.schema.wire;

import dev.millrace.schema.Framing;
import dev.millrace.schema.PlainJson;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;

/**
 * Turns records of a schema into values as the decoder of the same format reads them. For programs
 * that send records, not for the data path. Not thread-safe.
 */
public final class RecordEncoder {
    private final Schema schema;
    private final byte[] header;
    private final boolean json;
    private final GenericDatumWriter<GenericRecord> writer;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private BinaryEncoder encoder;

    private RecordEncoder(Schema schema, Framing framing, boolean json) {
        this.schema = schema;
        this.header = framing.header();
        this.json = json;
        this.writer = new GenericDatumWriter<>(schema);
    }

    /** Avro binary and nothing else. */
    public static RecordEncoder avro(Schema schema) {
        return new RecordEncoder(schema, Framing.plain(), false);
    }

    /** Avro's single-object encoding. */
    public static RecordEncoder singleObject(Schema schema) {
        return new RecordEncoder(schema, Framing.singleObject(schema), false);
    }

    /**
     * The framing of schema registries, with the id that the registry gives the schema; registers
     * it where it is new.
     *
     * @throws IllegalArgumentException if the registry does not take it
     * @throws SchemaRegistryUnavailableException if the registry does not answer
     */
    public static RecordEncoder confluent(SchemaRegistry registry, String subject, Schema schema) {
        int id = registry.register(subject, schema);
        return new RecordEncoder(schema, Framing.confluent(id), false);
    }

    /** JSON as {@link PlainJson} writes it. */
    public static RecordEncoder json(Schema schema) {
        return new RecordEncoder(schema, Framing.plain(), true);
    }

    /**
     * One record's value.
     *
     * @throws IllegalArgumentException if the record does not follow the schema
     */
    public byte[] encode(GenericRecord record) {
        try {
            return json ? PlainJson.bytes(schema, record) : binary(record);
        } catch (AvroRuntimeException | ClassCastException | NullPointerException e) {
            // Avro's writer shows in these ways that a value is not of its field's type.
            throw new IllegalArgumentException(
                    "The record does not follow schema %s: %s"
                            .formatted(schema.getFullName(), e.getMessage()),
                    e);
        }
    }

    private byte[] binary(GenericRecord record) {
        out.reset();
        out.writeBytes(header);
        encoder = EncoderFactory.get().directBinaryEncoder(out, encoder);
        try {
            writer.write(record, encoder);
            encoder.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }
}
