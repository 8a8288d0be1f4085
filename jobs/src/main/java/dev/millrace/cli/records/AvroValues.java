package dev.millrace.cli.records;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.job.config.Nearest;
import java.nio.ByteBuffer;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/**
 * Makes Avro values of JSON. Texts count as numbers and booleans where the schema wants those, as
 * in CSV; a union takes the first branch that fits; bytes are base64; a point in time may be ISO
 * 8601.
 */
final class AvroValues {
    private final boolean ignoreUnknown;

    AvroValues(boolean ignoreUnknown) {
        this.ignoreUnknown = ignoreUnknown;
    }

    GenericRecord record(Schema schema, JsonNode node) throws RefusedRecordException {
        return record(schema, node, "");
    }

    private GenericRecord record(Schema schema, JsonNode node, String path)
            throws RefusedRecordException {
        if (!node.isObject()) {
            throw unfit(path, node, "an object");
        }
        if (!ignoreUnknown) {
            refuseUnknown(schema, node, path);
        }
        GenericRecord record = new GenericData.Record(schema);
        for (Schema.Field field : schema.getFields()) {
            String fieldPath = path.isEmpty() ? field.name() : path + "." + field.name();
            JsonNode value = node.get(field.name());
            record.put(
                    field.pos(),
                    value == null
                            ? absent(field, fieldPath)
                            : value(field.schema(), value, fieldPath));
        }
        return record;
    }

    private static void refuseUnknown(Schema schema, JsonNode node, String path)
            throws RefusedRecordException {
        for (Iterator<String> names = node.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (schema.getField(name) == null) {
                List<String> known = schema.getFields().stream().map(Schema.Field::name).toList();
                throw new RefusedRecordException(
                        "the schema has no field %s%s%s"
                                .formatted(
                                        path.isEmpty() ? "" : path + ".",
                                        name,
                                        Nearest.to(name, known)
                                                .map(", did you mean %s?"::formatted)
                                                .orElse("")));
            }
        }
    }

    private static Object absent(Schema.Field field, String path) throws RefusedRecordException {
        if (field.hasDefaultValue()) {
            return GenericData.get().getDefaultValue(field);
        }
        if (field.schema().isNullable()) {
            return null;
        }
        throw new RefusedRecordException("field %s is missing".formatted(path));
    }

    private Object value(Schema schema, JsonNode node, String path) throws RefusedRecordException {
        if (node.isDouble() && !Double.isFinite(node.doubleValue())) {
            throw tooLarge(path, "double"); // JSON can write no infinity: it overflowed
        }
        return switch (schema.getType()) {
            case RECORD -> record(schema, node, path);
            case UNION -> union(schema, node, path);
            case ARRAY -> array(schema, node, path);
            case MAP -> map(schema, node, path);
            case NULL -> {
                if (!isNull(node)) {
                    throw unfit(path, node, "null");
                }
                yield null;
            }
            case BOOLEAN, INT, LONG, FLOAT, DOUBLE -> number(schema, node, path);
            case STRING, ENUM, BYTES, FIXED -> text(schema, node, path);
        };
    }

    /** An empty CSV cell is null where the schema allows it. */
    private static boolean isNull(JsonNode node) {
        return node.isNull() || (node.isTextual() && node.textValue().isEmpty());
    }

    private Object union(Schema schema, JsonNode node, String path) throws RefusedRecordException {
        boolean hasText =
                schema.getTypes().stream().anyMatch(t -> t.getType() == Schema.Type.STRING);
        if (schema.isNullable() && (node.isNull() || (isNull(node) && !hasText))) {
            return null;
        }
        RefusedRecordException last = null;
        for (Schema branch : schema.getTypes()) {
            if (branch.getType() == Schema.Type.NULL) {
                continue;
            }
            try {
                return value(branch, node, path);
            } catch (RefusedRecordException e) {
                last = e;
            }
        }
        throw last == null ? unfit(path, node, "null") : last;
    }

    private Object array(Schema schema, JsonNode node, String path) throws RefusedRecordException {
        if (!node.isArray()) {
            throw unfit(path, node, "an array");
        }
        List<Object> items = new ArrayList<>(node.size());
        for (JsonNode item : node) {
            items.add(value(schema.getElementType(), item, path + "[" + items.size() + "]"));
        }
        return items;
    }

    private Object map(Schema schema, JsonNode node, String path) throws RefusedRecordException {
        if (!node.isObject()) {
            throw unfit(path, node, "an object");
        }
        Map<String, Object> entries = new HashMap<>();
        for (Map.Entry<String, JsonNode> entry : node.properties()) {
            String entryPath = path + "." + entry.getKey();
            entries.put(entry.getKey(), value(schema.getValueType(), entry.getValue(), entryPath));
        }
        return entries;
    }

    private static Object number(Schema schema, JsonNode node, String path)
            throws RefusedRecordException {
        if (!node.isValueNode() || node.isNull()) {
            throw unfit(path, node, schema.getType().getName());
        }
        String text = node.asText().strip();
        try {
            return switch (schema.getType()) {
                case BOOLEAN -> bool(text);
                case INT -> Integer.parseInt(text);
                case LONG -> isInstant(schema, text) ? instant(text) : Long.parseLong(text);
                case FLOAT -> {
                    float number = Float.parseFloat(text);
                    yield refuseOverflow(number, number, text, schema, path);
                }
                default -> {
                    double number = Double.parseDouble(text);
                    yield refuseOverflow(number, number, text, schema, path);
                }
            };
        } catch (IllegalArgumentException | DateTimeException e) {
            throw unfit(path, node, schema.getType().getName());
        }
    }

    /** Parsing makes infinity of a number that is too large; only the words may mean it. */
    private static Object refuseOverflow(
            double number, Object value, String text, Schema schema, String path)
            throws RefusedRecordException {
        if (Double.isInfinite(number) && !text.endsWith("Infinity")) {
            throw tooLarge(path, schema.getType().getName());
        }
        return value;
    }

    private static RefusedRecordException tooLarge(String path, String type) {
        return new RefusedRecordException(
                "field %s is a number beyond the range of a %s".formatted(path, type));
    }

    /** Spreadsheets write TRUE, data frames True. */
    private static Boolean bool(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "true", "1" -> true;
            case "false", "0" -> false;
            default -> throw new IllegalArgumentException();
        };
    }

    private static boolean isInstant(Schema schema, String text) {
        return schema.getLogicalType() instanceof LogicalTypes.TimestampMillis
                && text.indexOf('T') > 0;
    }

    private static Long instant(String text) {
        return OffsetDateTime.parse(text).toInstant().toEpochMilli();
    }

    private static Object text(Schema schema, JsonNode node, String path)
            throws RefusedRecordException {
        if (!node.isValueNode() || node.isNull()) {
            throw unfit(path, node, schema.getType().getName());
        }
        String text = node.asText();
        return switch (schema.getType()) {
            case ENUM -> {
                if (!schema.hasEnumSymbol(text)) {
                    throw unfit(path, node, "one of " + schema.getEnumSymbols());
                }
                yield new GenericData.EnumSymbol(schema, text);
            }
            case BYTES -> ByteBuffer.wrap(base64(text, node, path));
            case FIXED -> {
                byte[] bytes = base64(text, node, path);
                if (bytes.length != schema.getFixedSize()) {
                    throw unfit(path, node, schema.getFixedSize() + " bytes in base64");
                }
                yield new GenericData.Fixed(schema, bytes);
            }
            default -> text;
        };
    }

    private static byte[] base64(String text, JsonNode node, String path)
            throws RefusedRecordException {
        try {
            return Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw unfit(path, node, "bytes in base64");
        }
    }

    private static RefusedRecordException unfit(String path, JsonNode node, String expected) {
        String found = node.toString();
        String shown = found.length() > 60 ? found.substring(0, 60) + "..." : found;
        String where = path.isEmpty() ? "the record" : "field " + path;
        return new RefusedRecordException(
                "%s is %s, the schema wants %s".formatted(where, shown, expected));
    }
}
