package dev.millrace.schema.feature;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;

/** Turns trees that Jackson read into data as {@link Oracle} takes it, along a schema. */
final class JsonTrees {
    /** What no feature can take. */
    private static final Object UNFIT = new Object();

    private JsonTrees() {}

    static Object data(JsonNode node, Schema schema) {
        if (node == null || node.isNull()) {
            return null;
        }
        if (schema.isUnion()) {
            return union(node, schema);
        }
        return switch (schema.getType()) {
            case RECORD, MAP -> node.isObject() ? object(node, schema) : UNFIT;
            case ARRAY -> node.isArray() ? array(node, schema) : scalar(node, schema);
            case BYTES, FIXED -> bytes(node);
            case ENUM -> {
                boolean symbol = node.isTextual() && schema.hasEnumSymbol(node.textValue());
                yield symbol
                        ? new GenericData.EnumSymbol(schema, node.textValue())
                        : scalar(node, schema);
            }
            case NULL, BOOLEAN, INT, LONG, FLOAT, DOUBLE, STRING, UNION -> scalar(node, schema);
        };
    }

    private static Object union(JsonNode node, Schema schema) {
        List<Schema> branches =
                schema.getTypes().stream().filter(b -> b.getType() != Schema.Type.NULL).toList();
        return branches.isEmpty() ? scalar(node, schema) : data(node, branches.get(0));
    }

    private static Map<String, Object> object(JsonNode node, Schema schema) {
        Map<String, Object> object = new HashMap<>();
        node.properties()
                .forEach(
                        entry -> {
                            Schema below =
                                    schema.getType() == Schema.Type.MAP
                                            ? schema.getValueType()
                                            : field(schema, entry.getKey());
                            object.put(entry.getKey(), data(entry.getValue(), below));
                        });
        return object;
    }

    private static Schema field(Schema schema, String name) {
        Schema.Field field = schema.getField(name);
        return field == null ? Schema.create(Schema.Type.STRING) : field.schema();
    }

    private static List<Object> array(JsonNode node, Schema schema) {
        List<Object> items = new ArrayList<>();
        node.forEach(item -> items.add(data(item, schema.getElementType())));
        return items;
    }

    private static Object bytes(JsonNode node) {
        if (!node.isTextual()) {
            return UNFIT;
        }
        try {
            return ByteBuffer.wrap(Base64.getDecoder().decode(node.textValue()));
        } catch (IllegalArgumentException e) {
            return UNFIT;
        }
    }

    /** A number, boolean or string, whatever the schema says: JSON is not bound to it. */
    private static Object scalar(JsonNode node, Schema schema) {
        if (node.isBoolean()) {
            return node.booleanValue();
        }
        if (node.isIntegralNumber() && node.canConvertToLong()) {
            return node.longValue();
        }
        if (node.isNumber()) {
            return Double.isFinite(node.doubleValue()) ? node.doubleValue() : UNFIT;
        }
        if (!node.isTextual()) {
            return UNFIT;
        }
        boolean text = schema.getType() == Schema.Type.STRING;
        return switch (node.textValue()) {
            case "NaN" -> text ? "NaN" : Double.NaN;
            case "Infinity" -> text ? "Infinity" : Double.POSITIVE_INFINITY;
            case "-Infinity" -> text ? "-Infinity" : Double.NEGATIVE_INFINITY;
            default -> node.textValue();
        };
    }
}
