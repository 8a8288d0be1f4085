package dev.millrace.schema.feature;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;

/** Random record schemas and data for them. Arrays of one schema always have the same length. */
final class RandomSchemas {
    static final String LENGTH = "test-length";
    static final List<String> WORDS = List.of("", "a", "de", "fr", "café", "漢字", "x".repeat(200));

    private final Random random;
    private int names;

    RandomSchemas(Random random) {
        this.random = random;
    }

    Schema record() {
        names = 0;
        return record(0);
    }

    private Schema record(int depth) {
        Schema record = Schema.createRecord("R" + names++, null, "test", false);
        List<Schema.Field> fields = new ArrayList<>();
        int count = 1 + random.nextInt(depth == 0 ? 12 : 4);
        for (int i = 0; i < count; i++) {
            fields.add(new Schema.Field("f" + i, type(depth), null, null));
        }
        if (random.nextInt(6) == 0) {
            Schema self = Schema.createUnion(Schema.create(Schema.Type.NULL), record);
            fields.add(new Schema.Field("self", self, null, null));
        }
        record.setFields(fields);
        return record;
    }

    private Schema type(int depth) {
        int kind = random.nextInt(depth < 3 ? 18 : 12);
        return switch (kind) {
            case 0, 1 -> Schema.create(Schema.Type.FLOAT);
            case 2, 3 -> Schema.create(Schema.Type.DOUBLE);
            case 4 -> Schema.create(Schema.Type.INT);
            case 5 -> Schema.create(Schema.Type.LONG);
            case 6 -> Schema.create(Schema.Type.BOOLEAN);
            case 7 -> Schema.create(Schema.Type.STRING);
            case 8 -> bytes();
            case 9 -> Schema.createEnum("E" + names++, null, "test", List.of("a", "de", "zz"));
            case 10 -> Schema.createFixed("X" + names++, null, "test", random.nextInt(4) * 4);
            case 11 -> random.nextInt(4) == 0 ? Schema.create(Schema.Type.NULL) : number();
            case 12, 13 -> union(depth);
            case 14 -> array(type(depth + 1));
            case 15 -> array(number());
            case 16 -> Schema.createMap(type(depth + 1));
            default -> record(depth + 1);
        };
    }

    private Schema bytes() {
        Schema bytes = Schema.create(Schema.Type.BYTES);
        bytes.addProp(LENGTH, random.nextInt(4) * 8);
        return bytes;
    }

    private Schema array(Schema item) {
        Schema array = Schema.createArray(item);
        array.addProp(LENGTH, item.getType() == Schema.Type.NULL ? 3 : random.nextInt(6));
        return array;
    }

    private Schema number() {
        return Schema.create(
                List.of(
                                Schema.Type.FLOAT,
                                Schema.Type.DOUBLE,
                                Schema.Type.INT,
                                Schema.Type.LONG,
                                Schema.Type.BOOLEAN)
                        .get(random.nextInt(5)));
    }

    private Schema union(int depth) {
        Schema nothing = Schema.create(Schema.Type.NULL);
        if (random.nextInt(4) == 0) {
            return Schema.createUnion(
                    Schema.create(Schema.Type.INT),
                    nothing,
                    Schema.create(Schema.Type.DOUBLE),
                    Schema.create(Schema.Type.STRING));
        }
        Schema value = type(depth + 1);
        if (value.isUnion() || value.getType() == Schema.Type.NULL) {
            return Schema.createUnion(nothing);
        }
        return random.nextBoolean()
                ? Schema.createUnion(nothing, value)
                : Schema.createUnion(value, nothing);
    }

    Object value(Schema schema) {
        return value(schema, 0);
    }

    private Object value(Schema schema, int depth) {
        return switch (schema.getType()) {
            case NULL -> null;
            case BOOLEAN -> random.nextBoolean();
            case INT -> random.nextBoolean() ? random.nextInt() : random.nextInt(3);
            case LONG -> random.nextBoolean() ? random.nextLong() >> random.nextInt(64) : 1L;
            case FLOAT -> floating();
            case DOUBLE -> random.nextBoolean() ? random.nextGaussian() * 1e3 : (double) floating();
            case STRING -> WORDS.get(random.nextInt(WORDS.size()));
            case BYTES -> ByteBuffer.wrap(bytes((Integer) schema.getObjectProp(LENGTH)));
            case FIXED -> new GenericData.Fixed(schema, bytes(schema.getFixedSize()));
            case ENUM ->
                    new GenericData.EnumSymbol(
                            schema,
                            schema.getEnumSymbols()
                                    .get(random.nextInt(schema.getEnumSymbols().size())));
            case UNION -> {
                List<Schema> branches = schema.getTypes();
                boolean deep = depth > 4 && branches.contains(Schema.create(Schema.Type.NULL));
                yield deep ? null : value(branches.get(random.nextInt(branches.size())), depth + 1);
            }
            case ARRAY -> array(schema, depth);
            case MAP -> map(schema, depth);
            case RECORD -> record(schema, depth);
        };
    }

    private float floating() {
        return switch (random.nextInt(8)) {
            case 0 -> Float.NaN;
            case 1 -> -0.0f;
            case 2 -> random.nextInt(200);
            case 3 -> Float.intBitsToFloat(random.nextInt());
            default -> (float) random.nextGaussian();
        };
    }

    private byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private Object array(Schema schema, int depth) {
        int length = (Integer) schema.getObjectProp(LENGTH);
        if (random.nextInt(20) == 0) {
            length++;
        }
        List<Object> items = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            items.add(value(schema.getElementType(), depth + 1));
        }
        return items;
    }

    private Object map(Schema schema, int depth) {
        Map<String, Object> entries = new HashMap<>();
        int count = random.nextInt(5);
        for (int i = 0; i < count; i++) {
            entries.put("k" + random.nextInt(5), value(schema.getValueType(), depth + 1));
        }
        return entries;
    }

    private Object record(Schema schema, int depth) {
        GenericData.Record record = new GenericData.Record(schema);
        for (Schema.Field field : schema.getFields()) {
            record.put(field.pos(), value(field.schema(), depth + 1));
        }
        return record;
    }
}
