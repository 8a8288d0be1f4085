package dev.millrace.schema;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericFixed;
import org.apache.avro.generic.IndexedRecord;

/**
 * Avro data as JSON the way other programs write it: no names of union branches, bytes and fixed as
 * base64, NaN and the infinities as the strings {@code "NaN"}, {@code "Infinity"}, {@code
 * "-Infinity"}. Avro's own JSON encoding is another format. Stateless.
 */
public final class PlainJson {
    private static final JsonFactory FACTORY = new JsonFactory();

    private PlainJson() {}

    /** A value as UTF-8 JSON. */
    public static byte[] bytes(Schema schema, Object value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (JsonGenerator json = FACTORY.createGenerator(out)) {
            write(json, schema, value);
        } catch (IOException e) {
            throw new IllegalArgumentException("Not writable as JSON: " + e.getMessage(), e);
        }
        return out.toByteArray();
    }

    private static void write(JsonGenerator json, Schema schema, Object value) throws IOException {
        switch (schema.getType()) {
            case NULL -> json.writeNull();
            case BOOLEAN -> json.writeBoolean((Boolean) value);
            case INT -> json.writeNumber(((Number) value).intValue());
            case LONG -> json.writeNumber(((Number) value).longValue());
            case FLOAT -> json.writeNumber(((Number) value).floatValue());
            case DOUBLE -> json.writeNumber(((Number) value).doubleValue());
            case STRING, ENUM -> json.writeString(value.toString());
            case BYTES -> json.writeString(base64((ByteBuffer) value));
            case FIXED -> json.writeString(base64(ByteBuffer.wrap(((GenericFixed) value).bytes())));
            case UNION -> {
                int branch = GenericData.get().resolveUnion(schema, value);
                write(json, schema.getTypes().get(branch), value);
            }
            case ARRAY -> array(json, schema, (List<?>) value);
            case MAP -> map(json, schema, (Map<?, ?>) value);
            case RECORD -> record(json, schema, (IndexedRecord) value);
        }
    }

    private static void array(JsonGenerator json, Schema schema, List<?> items) throws IOException {
        json.writeStartArray();
        for (Object item : items) {
            write(json, schema.getElementType(), item);
        }
        json.writeEndArray();
    }

    private static void map(JsonGenerator json, Schema schema, Map<?, ?> entries)
            throws IOException {
        json.writeStartObject();
        for (Map.Entry<?, ?> entry : entries.entrySet()) {
            json.writeFieldName(entry.getKey().toString());
            write(json, schema.getValueType(), entry.getValue());
        }
        json.writeEndObject();
    }

    private static void record(JsonGenerator json, Schema schema, IndexedRecord record)
            throws IOException {
        json.writeStartObject();
        for (Schema.Field field : schema.getFields()) {
            json.writeFieldName(field.name());
            write(json, field.schema(), record.get(field.pos()));
        }
        json.writeEndObject();
    }

    private static String base64(ByteBuffer bytes) {
        ByteBuffer copy = bytes.duplicate();
        byte[] content = new byte[copy.remaining()];
        copy.get(content);
        return Base64.getEncoder().encodeToString(content);
    }
}
