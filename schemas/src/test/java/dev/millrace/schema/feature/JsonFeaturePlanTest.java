package dev.millrace.schema.feature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.schema.RecordDecodingException;
import dev.millrace.schema.RecordDecodingException.Kind;
import dev.millrace.schema.TensorLayout;
import dev.millrace.schema.TensorType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;

class JsonFeaturePlanTest {
    @Test
    void readsNestedFieldsInAnyOrderAndSkipsTheRest() throws Exception {
        JsonFeaturePlan plan = plan(Feature.of("a"), Feature.of("card.limit"), Feature.of("b"));
        assertRow(
                plan,
                "{'x': [1, {'a': 9}], 'card': {'q': {}, 'limit': 2.5}, 'b': true, 'a': 1e2, 'y': null}",
                100f,
                2.5f,
                1f);
    }

    @Test
    void saysWhichFieldAndWhatIsWrong() {
        JsonFeaturePlan plan = plan(Feature.of("a"));
        assertRefused(plan, "{'a': 1, 'a': 1}", Kind.MALFORMED, "Field a, byte 14: comes twice");
        assertRefused(plan, "{'b': 1}", Kind.MISSING, "Field a");
        assertRefused(plan, "{'a': null}", Kind.MISSING, "Field a");
        assertRefused(plan, "{'a': 'x'}", Kind.OUT_OF_RANGE, "a string does not fit input x");
        assertRefused(plan, "{'a': {}}", Kind.MALFORMED, "is an object where a value is needed");
        assertRefused(plan, "{'a': [1, 2]}", Kind.WRONG_SHAPE, "input x takes 1");
        assertRefused(plan, "{'a': 1} {}", Kind.MALFORMED, "more follows");
        assertRefused(plan, "{'a': 1", Kind.MALFORMED, "byte 7 of 7: not JSON");
        assertRefused(plan, "[]", Kind.MALFORMED, "is an array, not a JSON object");
        assertRefused(plan, "", Kind.MALFORMED, "is empty, not a JSON object");
        assertRefused(plan, "{'a': NaN}", Kind.MALFORMED, "not JSON");
        assertRefused(plan, "{'a': 1e999}", Kind.OUT_OF_RANGE, "a number does not fit");
        assertRefused(plan, "{'a': 01}", Kind.MALFORMED, "not JSON");
        String deep = "{'b': " + "[".repeat(100_000);
        assertRefused(plan, deep, Kind.MALFORMED, "not JSON");
        JsonFeaturePlan below = plan(Feature.of("a.b"));
        assertRefused(below, "{'a': 3}", Kind.MALFORMED, "is a number where an object is needed");
    }

    @Test
    void readsWhatHasNoNumberInJsonFromStrings() throws Exception {
        JsonFeaturePlan plan = plan(Feature.of("a"), Feature.of("b"), Feature.of("c"));
        assertRow(
                plan,
                "{'a': 'NaN', 'b': 'Infinity', 'c': '-Infinity'}",
                Float.NaN,
                Float.POSITIVE_INFINITY,
                Float.NEGATIVE_INFINITY);
    }

    @Test
    void wholeNumbersStayExact() throws Exception {
        FeatureSpec spec =
                new FeatureSpec(
                        List.of(
                                new TensorFeatures(
                                        new TensorLayout("x", TensorType.INT64, List.of(2)),
                                        List.of(Feature.of("a"), Feature.of("b")))));
        JsonFeaturePlan plan = JsonFeaturePlan.compile(spec);
        ByteBuffer row = decode(plan, "{'a': 9007199254740993, 'b': 2.0}");
        assertThat(row.getLong(0)).isEqualTo(9007199254740993L);
        assertThat(row.getLong(8)).isEqualTo(2L);
        assertRefused(plan, "{'a': 9223372036854775808, 'b': 1}", Kind.OUT_OF_RANGE, "INT64");
        assertRefused(plan, "{'a': 1.5, 'b': 1}", Kind.OUT_OF_RANGE, "INT64");
    }

    @Test
    void arraysFollowTheTensorsShape() throws Exception {
        FeatureSpec spec =
                new FeatureSpec(
                        List.of(
                                new TensorFeatures(
                                        new TensorLayout("x", TensorType.FLOAT32, List.of(2, 2)),
                                        List.of(Feature.of("a").withDefault(9L)))));
        JsonFeaturePlan plan = JsonFeaturePlan.compile(spec);
        assertRow(plan, "{'a': [[1, 2], [3, 4]]}", 1f, 2f, 3f, 4f);
        assertRow(plan, "{'a': [1, null, 3, 4]}", 1f, 9f, 3f, 4f);
        assertRow(plan, "{}", 9f, 9f, 9f, 9f);
        assertRefused(plan, "{'a': [[1, 2, 3], [4]]}", Kind.WRONG_SHAPE, "array of 3 values");
        assertRefused(plan, "{'a': [[1, 2], 3, 4]}", Kind.WRONG_SHAPE, "side by side");
        assertRefused(plan, "{'a': [[[1, 2], [3, 4]]]}", Kind.WRONG_SHAPE, "too flat");
        assertRefused(plan, "{'a': [1, 2, 3]}", Kind.WRONG_SHAPE, "array of 3 values");
        assertRefused(plan, "{'a': [1, 2, 3, 4, 5]}", Kind.WRONG_SHAPE, "array of 5 values");
        assertRefused(plan, "{'a': [1, 2, {}, 4]}", Kind.OUT_OF_RANGE, "an object");
    }

    @Test
    void aSchemaBringsDefaultsAliasesAndOrdinals() throws Exception {
        Schema schema =
                new Schema.Parser()
                        .parse(
                                """
                                {"type": "record", "name": "Payment", "fields": [
                                  {"name": "amount", "type": "double", "aliases": ["sum"]},
                                  {"name": "tries", "type": "int", "default": 3},
                                  {"name": "kind", "type": {"type": "enum", "name": "Kind",
                                     "symbols": ["POS", "WEB"], "default": "POS"}},
                                  {"name": "card", "type": {"type": "record", "name": "Card", "fields": [
                                     {"name": "limit", "type": "float"}]}, "default": {"limit": 9.5}}]}
                                """);
        FeatureSpec spec =
                spec(
                        Feature.of("amount"),
                        Feature.of("tries"),
                        Feature.of("kind"),
                        Feature.of("card.limit"));
        JsonFeaturePlan plan = JsonFeaturePlan.compile(spec, schema);
        assertRow(plan, "{'sum': 1, 'kind': 'WEB'}", 1f, 3f, 1f, 9.5f);
        assertRow(plan, "{'amount': 1, 'kind': 'NEW', 'tries': 4}", 1f, 4f, 0f, 9.5f);
        assertRefused(plan, "{'amount': 1, 'sum': 1}", Kind.MALFORMED, "comes twice");
        assertThatThrownBy(() -> JsonFeaturePlan.compile(spec(Feature.of("amont")), schema))
                .isInstanceOf(UnusableFeatureException.class)
                .hasMessageContaining("did you mean amount?");
    }

    @Test
    void categoriesStandForTheirIndex() throws Exception {
        JsonFeaturePlan plan = plan(Feature.of("c").withCategories(List.of("de", "fr")));
        assertRow(plan, "{'c': 'fr'}", 1f);
        assertRefused(plan, "{'c': 'it'}", Kind.OUT_OF_RANGE, "a string does not fit");
        assertRefused(plan, "{'c': 1}", Kind.OUT_OF_RANGE, "a number does not fit");
    }

    @Test
    void bytesComeAsBase64() throws Exception {
        FeatureSpec spec =
                new FeatureSpec(
                        List.of(
                                new TensorFeatures(
                                        new TensorLayout("x", TensorType.FLOAT32, List.of(3)),
                                        List.of(
                                                Feature.of("a")
                                                        .withMapping(
                                                                FeatureMapping.UNSIGNED_BYTES)))));
        JsonFeaturePlan plan = JsonFeaturePlan.compile(spec);
        assertRow(plan, "{'a': 'AQL/'}", 1f, 2f, 255f);
        assertRefused(plan, "{'a': 'AQI='}", Kind.WRONG_SHAPE, "has 2 bytes, input x takes 3");
        assertRefused(plan, "{'a': '!'}", Kind.MALFORMED, "is not base64");
        assertRefused(plan, "{'a': [1, 2, 3]}", Kind.MALFORMED, "base64");
    }

    private static JsonFeaturePlan plan(Feature... features) {
        return JsonFeaturePlan.compile(spec(features));
    }

    private static FeatureSpec spec(Feature... features) {
        return new FeatureSpec(
                List.of(
                        new TensorFeatures(
                                new TensorLayout("x", TensorType.FLOAT32, List.of(features.length)),
                                List.of(features))));
    }

    private static ByteBuffer decode(JsonFeaturePlan plan, String json)
            throws RecordDecodingException {
        ByteBuffer row = ByteBuffer.allocateDirect(64).order(ByteOrder.nativeOrder());
        byte[] value = json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        plan.decode(value, new ByteBuffer[] {row}, 0);
        return row;
    }

    private static void assertRow(JsonFeaturePlan plan, String json, float... expected)
            throws RecordDecodingException {
        ByteBuffer row = decode(plan, json);
        for (int i = 0; i < expected.length; i++) {
            assertThat(row.getFloat(i * Float.BYTES))
                    .as("element %d", i)
                    .isEqualTo(Float.valueOf(expected[i]));
        }
    }

    private static void assertRefused(
            JsonFeaturePlan plan, String json, Kind kind, String message) {
        assertThatThrownBy(() -> decode(plan, json))
                .isInstanceOfSatisfying(
                        RecordDecodingException.class, e -> assertThat(e.kind()).isEqualTo(kind))
                .hasMessageContaining(message);
    }
}
