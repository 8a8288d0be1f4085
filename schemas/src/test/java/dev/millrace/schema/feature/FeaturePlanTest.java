package dev.millrace.schema.feature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.schema.RecordDecodingException;
import dev.millrace.schema.RecordDecodingException.Kind;
import dev.millrace.schema.TensorLayout;
import dev.millrace.schema.TensorType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.junit.jupiter.api.Test;

class FeaturePlanTest {
    private static final Schema PAYMENT =
            schema(
                    """
                    {'name': 'id', 'type': 'string'},
                    {'name': 'amount', 'type': 'double'},
                    {'name': 'price', 'type': {'type': 'bytes', 'logicalType': 'decimal', 'precision': 9}},
                    {'name': 'card', 'type': {'type': 'record', 'name': 'Card', 'fields': [
                        {'name': 'limit', 'type': 'float'},
                        {'name': 'issuer', 'type': 'string'}]}},
                    {'name': 'image', 'type': {'type': 'fixed', 'name': 'Image', 'size': 12}},
                    {'name': 'lines', 'type': {'type': 'array', 'items': {
                        'type': 'record', 'name': 'Line', 'fields': [{'name': 'sum', 'type': 'int'}]}}}
                    """);

    @Test
    void namesEveryFeatureThatTheSchemaLacksAndTheNearestName() {
        assertThatThrownBy(
                        () ->
                                compile(
                                        PAYMENT,
                                        "amont",
                                        "card.limits",
                                        "limit",
                                        "card.limit.max",
                                        "q"))
                .isInstanceOf(UnusableFeatureException.class)
                .hasMessageContaining(
                        "Feature amont: schema Payment has no field amont; did you mean amount?")
                .hasMessageContaining(
                        "Feature card.limits: field card of schema Payment has no field limits; did you mean limit?")
                .hasMessageContaining("no field limit; there is a card.limit")
                .hasMessageContaining(
                        "Feature card.limit.max: field card.limit of schema Payment is a float and has no field max")
                .hasMessageContaining("no field q; it has id, amount, price");
    }

    @Test
    void saysWhyAFieldCannotFeedAnInput() {
        assertThatThrownBy(() -> compile(PAYMENT, "id", "price", "card", "lines", "image"))
                .isInstanceOf(UnusableFeatureException.class)
                .hasMessageContaining("Feature id: is a string, but input x takes numbers")
                .hasMessageContaining("list its categories")
                .hasMessageContaining("Feature price: is a decimal")
                .hasMessageContaining("Feature card: a record is no value; name a field of it")
                .hasMessageContaining("Feature lines: a record is no value")
                .hasMessageContaining("Feature image: is fixed of 12 bytes, but 1 elements");
    }

    @Test
    void refusesADefaultThatDoesNotFit() {
        FeatureSpec spec =
                spec(tensor(TensorType.UINT8, 1, Feature.of("amount").withDefault(256L)));
        assertThatThrownBy(() -> FeaturePlan.compile(PAYMENT, spec))
                .hasMessageContaining("Default 256 of feature amount does not fit");
    }

    @Test
    void refusesFeaturesThatDoNotFillTheTensor() {
        assertThatThrownBy(() -> tensor(TensorType.FLOAT32, 3, Feature.of("a"), Feature.of("b")))
                .isInstanceOf(UnusableFeatureException.class)
                .hasMessageContaining("takes 3 elements a record [3], its 2 features give 2: a, b");
    }

    @Test
    void faultsSayWhichFieldAtWhichByteAndHowMany() throws IOException {
        Schema schema = schema("{'name': 'id', 'type': 'string'}, {'name': 'v', 'type': 'float'}");
        FeaturePlan plan = compile(schema, "v");
        byte[] value = {4, 'a', 'b', 0, 0, 0, 0};
        assertRefused(
                plan,
                Arrays.copyOf(value, 5),
                Kind.MALFORMED,
                "Field v, byte 3 of 5: needs 4 bytes, 2 are left");
        assertRefused(
                plan,
                Arrays.copyOf(value, 9),
                Kind.MALFORMED,
                "ends at byte 7 of 9, 2 bytes follow");
        assertRefused(
                plan,
                new byte[] {120, 'a'},
                Kind.MALFORMED,
                "Field id, byte 0 of 2: length of 60 bytes, 1 are left");
        assertRefused(
                plan, new byte[] {1, 'a'}, Kind.MALFORMED, "Field id, byte 0 of 2: length of -1");
        byte[] endless = new byte[12];
        Arrays.fill(endless, (byte) 0x80);
        assertRefused(plan, endless, Kind.MALFORMED, "number of more than 10 bytes");
        assertRefused(plan, new byte[0], Kind.MALFORMED, "Field id, byte 0 of 0");
    }

    @Test
    void blocksMustBeAsTheySay() throws Exception {
        Schema schema =
                schema(
                        "{'name': 'v', 'type': {'type': 'array', 'items': 'float'}},"
                                + "{'name': 'w', 'type': {'type': 'array', 'items': 'long'}}");
        FeaturePlan plan =
                FeaturePlan.compile(schema, spec(tensor(TensorType.FLOAT32, 2, Feature.of("v"))));
        // Two blocks of one float, with their sizes; then two longs, with theirs.
        byte[] value = {1, 8, 0, 0, 0, 0, 1, 8, 0, 0, 0, 0, 0, 3, 4, 1, 1, 0};
        decode(plan, value, 8);
        value[1] = 10;
        assertRefused(plan, value, Kind.MALFORMED, "Field v, byte 0 of 18: block of 4 bytes says");
        value[1] = 8;
        value[14] = 2;
        assertRefused(plan, value, Kind.MALFORMED, "Field w, byte 13 of 18: block of 2 bytes says");
        assertRefused(
                plan, new byte[] {2, 0, 0, 0, 0, 0, 0}, Kind.WRONG_SHAPE, "array of 1 values");
        assertRefused(
                plan, new byte[] {6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, Kind.WRONG_SHAPE, "of 3");
        assertRefused(
                plan,
                new byte[] {(byte) 0xFE, 1, 0},
                Kind.MALFORMED,
                "block of 127 items, 1 bytes");
    }

    @Test
    void nestingEndsSomewhere() throws Exception {
        Schema schema =
                schema(
                        "{'name': 'v', 'type': 'float'}, {'name': 'next', 'type': ['null', 'Payment']}");
        FeaturePlan plan = compile(schema, "v");
        assertThat(decode(plan, chain(FeaturePlan.MAX_DEPTH - 2), 4).getFloat(0)).isEqualTo(1f);
        assertRefused(plan, chain(100_000), Kind.MALFORMED, "nested deeper than 256 levels");
    }

    private static byte[] chain(int length) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < length; i++) {
            out.writeBytes(new byte[] {0, 0, (byte) 0x80, 0x3F, 2});
        }
        out.writeBytes(new byte[] {0, 0, (byte) 0x80, 0x3F, 0});
        return out.toByteArray();
    }

    @Test
    void aBranchThatCannotFeedTheFeatureIsTheRecordsFault() throws Exception {
        Schema schema = schema("{'name': 'v', 'type': ['null', 'int', 'string']}");
        FeaturePlan plan =
                FeaturePlan.compile(
                        schema,
                        spec(tensor(TensorType.FLOAT32, 1, Feature.of("v").withDefault(-1L))));
        assertThat(decode(plan, encode(schema, Map.of("v", 7)), 4).getFloat(0)).isEqualTo(7f);
        assertThat(decode(plan, encode(schema, Map.of()), 4).getFloat(0)).isEqualTo(-1f);
        assertRefused(plan, encode(schema, Map.of("v", "x")), Kind.OUT_OF_RANGE, "is a string");
    }

    @Test
    void aNullWithoutDefaultIsMissing() throws Exception {
        Schema schema = schema("{'name': 'v', 'type': ['null', 'int']}");
        assertRefused(
                compile(schema, "v"),
                encode(schema, Map.of()),
                Kind.MISSING,
                "Field v, byte 1 of 1: null or missing, and the feature has no default");
    }

    @Test
    void valuesThatDoNotFitAreNamed() throws Exception {
        Schema schema = schema("{'name': 'v', 'type': 'long'}, {'name': 'w', 'type': 'double'}");
        FeaturePlan plan =
                FeaturePlan.compile(
                        schema, spec(tensor(TensorType.INT8, 2, Feature.of("v"), Feature.of("w"))));
        assertRefused(
                plan,
                encode(schema, Map.of("v", 128L, "w", 0.0)),
                Kind.OUT_OF_RANGE,
                "Field v, byte 0 of 10: 128 does not fit the input's type INT8");
        assertRefused(
                plan,
                encode(schema, Map.of("v", 1L, "w", 0.5)),
                Kind.OUT_OF_RANGE,
                "0.5 does not fit");
    }

    @Test
    void oneFieldMayFeedSeveralInputs() throws Exception {
        Schema schema = schema("{'name': 'a', 'type': 'float'}, {'name': 'b', 'type': 'float'}");
        FeatureSpec spec =
                spec(
                        tensor(
                                TensorType.FLOAT32,
                                3,
                                Feature.of("b"),
                                Feature.of("a"),
                                Feature.of("b")),
                        tensor(TensorType.INT32, 1, Feature.of("a")));
        ByteBuffer[] tensors = Tensors.direct(spec, 1);
        FeaturePlan.compile(schema, spec)
                .decode(encode(schema, Map.of("a", 1f, "b", 2f)), tensors, 0);
        assertThat(tensors[0].getFloat(0)).isEqualTo(2f);
        assertThat(tensors[0].getFloat(4)).isEqualTo(1f);
        assertThat(tensors[0].getFloat(8)).isEqualTo(2f);
        assertThat(tensors[1].getInt(0)).isEqualTo(1);
    }

    @Test
    void readsAnOlderWriterByTheReadersAliasesAndDefaults() throws Exception {
        Schema writer =
                schema(
                        """
                        {'name': 'sum', 'type': 'int'},
                        {'name': 'kind', 'type': {'type': 'enum', 'name': 'Kind', 'symbols': ['CHIP', 'NEW', 'WEB']}},
                        {'name': 'gone', 'type': 'string'}
                        """);
        Schema reader =
                schema(
                        """
                        {'name': 'amount', 'type': 'double', 'aliases': ['sum']},
                        {'name': 'kind', 'type': {'type': 'enum', 'name': 'Kind', 'symbols': ['POS', 'WEB', 'CHIP'], 'default': 'POS'}},
                        {'name': 'tries', 'type': 'int', 'default': 3},
                        {'name': 'history', 'type': {'type': 'array', 'items': 'float'}, 'default': [0.5, 1.5]},
                        {'name': 'card', 'type': {'type': 'record', 'name': 'Card', 'fields': [
                            {'name': 'limit', 'type': 'float'}]}, 'default': {'limit': 9.5}},
                        {'name': 'note', 'type': ['null', 'float'], 'default': null},
                        {'name': 'extra', 'type': 'float'}
                        """);
        FeatureSpec spec =
                spec(
                        tensor(
                                TensorType.FLOAT32,
                                8,
                                Feature.of("amount"),
                                Feature.of("kind"),
                                Feature.of("tries"),
                                Feature.of("history").withElements(2),
                                Feature.of("card.limit"),
                                Feature.of("note").withDefault(Double.NaN),
                                Feature.of("extra").withDefault(7L)));
        FeaturePlan plan = FeaturePlan.compile(writer, reader, spec);
        Schema kinds = writer.getField("kind").schema();
        float[][] expected = {
            {20, 2, 3, 0.5f, 1.5f, 9.5f, Float.NaN, 7},
            {20, 0, 3, 0.5f, 1.5f, 9.5f, Float.NaN, 7},
            {20, 1, 3, 0.5f, 1.5f, 9.5f, Float.NaN, 7}
        };
        for (int i = 0; i < 3; i++) {
            Object kind = new GenericData.EnumSymbol(kinds, kinds.getEnumSymbols().get(i));
            byte[] value = encode(writer, Map.of("sum", 20, "kind", kind, "gone", "x"));
            ByteBuffer row = decode(plan, value, 32);
            for (int j = 0; j < expected[i].length; j++) {
                assertThat(row.getFloat(j * 4))
                        .as("symbol %d, element %d", i, j)
                        .isEqualTo(Float.valueOf(expected[i][j]));
            }
        }
    }

    @Test
    void aWriterWithoutAFeatureNeedsADefaultSomewhere() {
        Schema writer = schema("{'name': 'a', 'type': 'int'}");
        Schema reader = schema("{'name': 'a', 'type': 'int'}, {'name': 'b', 'type': 'int'}");
        FeatureSpec spec = spec(tensor(TensorType.FLOAT32, 1, Feature.of("b")));
        assertThatThrownBy(() -> FeaturePlan.compile(writer, reader, spec))
                .isInstanceOf(UnusableFeatureException.class)
                .hasMessageContaining("Feature b: the writer's schema Payment has no such field");
    }

    @Test
    void pathsMayNameKeysOfMapsAndDotsInThem() throws Exception {
        Schema schema =
                schema("{'name': 'f', 'type': {'type': 'map', 'values': ['null', 'double']}}");
        FeatureSpec spec =
                spec(
                        tensor(
                                TensorType.FLOAT32,
                                3,
                                Feature.of("f.a\\.b"),
                                Feature.of("f.c").withDefault(4L),
                                Feature.of("f.d").withDefault(5L)));
        FeaturePlan plan = FeaturePlan.compile(schema, spec);
        Map<String, Object> entries = new java.util.HashMap<>(Map.of("a.b", 1.5, "zz", 3.0));
        entries.put("c", null);
        ByteBuffer row = decode(plan, encode(schema, Map.of("f", entries)), 12);
        assertThat(row.getFloat(0)).isEqualTo(1.5f);
        assertThat(row.getFloat(4)).isEqualTo(4f);
        assertThat(row.getFloat(8)).isEqualTo(5f);
        assertRefused(
                plan, encode(schema, Map.of("f", Map.of("c", 1.0))), Kind.MISSING, "Field f.a\\.b");
    }

    @Test
    void arraysOfArraysFollowTheTensorsShape() throws Exception {
        Schema schema =
                schema(
                        "{'name': 'v', 'type': {'type': 'array', 'items': {'type': 'array', 'items': 'int'}}}");
        FeatureSpec spec =
                spec(
                        new TensorFeatures(
                                new TensorLayout("x", TensorType.INT32, List.of(1, 2, 3)),
                                List.of(Feature.of("v"))));
        FeaturePlan plan = FeaturePlan.compile(schema, spec);
        List<List<Integer>> rows = List.of(List.of(1, 2, 3), List.of(4, 5, 6));
        ByteBuffer row = decode(plan, encode(schema, Map.of("v", rows)), 24);
        for (int i = 0; i < 6; i++) {
            assertThat(row.getInt(i * 4)).isEqualTo(i + 1);
        }
        assertRefused(
                plan,
                encode(schema, Map.of("v", List.of(List.of(1, 2), List.of(3, 4), List.of(5, 6)))),
                Kind.WRONG_SHAPE,
                "Field v, byte 0 of 14: array of 3 or more values, the input takes 2");
        assertRefused(
                plan,
                encode(schema, Map.of("v", List.of(List.of(1, 2), List.of(3, 4)))),
                Kind.WRONG_SHAPE,
                "Field v[], byte 1 of 10: array of 2 values, the input takes 3");
    }

    @Test
    void imagesComeAsBytes() throws Exception {
        Schema schema = schema("{'name': 'v', 'type': 'bytes'}");
        Feature image = Feature.of("v").withMapping(FeatureMapping.UNSIGNED_BYTES);
        FeaturePlan plan = FeaturePlan.compile(schema, spec(tensor(TensorType.FLOAT32, 2, image)));
        ByteBuffer row =
                decode(
                        plan,
                        encode(schema, Map.of("v", ByteBuffer.wrap(new byte[] {1, (byte) 255}))),
                        8);
        assertThat(row.getFloat(0)).isEqualTo(1f);
        assertThat(row.getFloat(4)).isEqualTo(255f);
        assertRefused(
                plan,
                encode(schema, Map.of("v", ByteBuffer.allocate(3))),
                Kind.WRONG_SHAPE,
                "Field v, byte 0 of 4: 3 bytes, the input takes 2");
    }

    @Test
    void aSpecTravels() throws Exception {
        FeatureSpec spec =
                spec(
                        tensor(
                                TensorType.FLOAT32,
                                1,
                                Feature.of("a").withDefault(1.5).withCategories(List.of("x"))));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new java.io.ObjectOutputStream(out).writeObject(spec);
        Object copy =
                new java.io.ObjectInputStream(new java.io.ByteArrayInputStream(out.toByteArray()))
                        .readObject();
        assertThat(copy).hasToString(spec.toString());
    }

    private static FeaturePlan compile(Schema schema, String... paths) {
        Feature[] features = Arrays.stream(paths).map(Feature::of).toArray(Feature[]::new);
        return FeaturePlan.compile(
                schema, spec(tensor(TensorType.FLOAT32, features.length, features)));
    }

    private static FeatureSpec spec(TensorFeatures... tensors) {
        return new FeatureSpec(List.of(tensors));
    }

    private static TensorFeatures tensor(TensorType type, int elements, Feature... features) {
        return new TensorFeatures(
                new TensorLayout("x", type, List.of(elements)), List.of(features));
    }

    private static ByteBuffer decode(FeaturePlan plan, byte[] value, int rowBytes)
            throws RecordDecodingException {
        ByteBuffer row =
                ByteBuffer.allocateDirect(rowBytes).order(java.nio.ByteOrder.nativeOrder());
        plan.decode(value, new ByteBuffer[] {row}, 0);
        return row;
    }

    private static void assertRefused(FeaturePlan plan, byte[] value, Kind kind, String message) {
        assertThatThrownBy(() -> decode(plan, value, 64))
                .isInstanceOfSatisfying(
                        RecordDecodingException.class, e -> assertThat(e.kind()).isEqualTo(kind))
                .hasMessageContaining(message);
    }

    private static Schema schema(String fields) {
        return new Schema.Parser()
                .parse(
                        "{'type': 'record', 'name': 'Payment', 'fields': [%s]}"
                                .formatted(fields)
                                .replace('\'', '"'));
    }

    private static byte[] encode(Schema schema, Map<String, ?> values) throws IOException {
        GenericData.Record record = new GenericData.Record(schema);
        values.forEach(record::put);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
        new GenericDatumWriter<GenericData.Record>(schema).write(record, encoder);
        encoder.flush();
        return out.toByteArray();
    }
}
