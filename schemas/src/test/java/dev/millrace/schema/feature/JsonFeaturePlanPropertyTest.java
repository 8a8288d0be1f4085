package dev.millrace.schema.feature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.schema.PlainJson;
import dev.millrace.schema.RecordDecodingException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;

/** Holds the plan against trees read by Jackson, on random schemas, data and damage. */
class JsonFeaturePlanPropertyTest {
    private static final int SCHEMAS = 2000;
    private static final int MUTATED = 40_000;
    private static final int ROW = 1;
    private static final ObjectMapper MAPPER =
            new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private int decoded;
    private int refused;

    @Test
    void readsWhatATreeHolds() throws IOException {
        long seed = Long.getLong("seed", new Random().nextLong());
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        for (int i = 0; i < SCHEMAS; i++) {
            RandomSchemas schemas = new RandomSchemas(random);
            Schema schema = schemas.record();
            List<TensorFeatures> tensors = tensors(schema, random);
            if (tensors.isEmpty()) {
                continue;
            }
            FeatureSpec spec = new FeatureSpec(tensors);
            JsonFeaturePlan plan = JsonFeaturePlan.compile(spec, schema);
            for (int j = 0; j < 10; j++) {
                byte[] value = PlainJson.bytes(schema, schemas.value(schema));
                compare(seed, schema, spec, plan, value, MAPPER.readTree(value), true);
            }
        }
        assertThat(decoded).as("decoded records, seed %d", seed).isGreaterThan(SCHEMAS / 2);
        assertThat(refused).as("refused records, seed %d", seed).isGreaterThan(SCHEMAS / 10);
    }

    @Test
    void readsDamagedObjectsAsATreeHoldsThemOrRefusesThem() throws IOException {
        long seed = Long.getLong("seed", new Random().nextLong());
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        int mutated = 0;
        while (mutated < MUTATED) {
            RandomSchemas schemas = new RandomSchemas(random);
            Schema schema = schemas.record();
            List<TensorFeatures> tensors = tensors(schema, random);
            if (tensors.isEmpty()) {
                continue;
            }
            FeatureSpec spec = new FeatureSpec(tensors);
            JsonFeaturePlan plan = JsonFeaturePlan.compile(spec, schema);
            byte[] value = PlainJson.bytes(schema, schemas.value(schema));
            for (int j = 0; j < 50; j++, mutated++) {
                byte[] damaged = Mutations.mutate(value, random);
                JsonNode tree;
                try {
                    tree = MAPPER.readTree(damaged);
                } catch (JacksonException e) {
                    expectRefusal(seed, spec, plan, damaged);
                    continue;
                }
                if (tree.isObject()) {
                    compare(seed, schema, spec, plan, damaged, tree, false);
                } else {
                    expectRefusal(seed, spec, plan, damaged);
                }
            }
        }
        assertThat(decoded).as("decoded records, seed %d", seed).isGreaterThan(100);
        assertThat(refused).as("refused records, seed %d", seed).isGreaterThan(MUTATED / 4);
    }

    private static List<TensorFeatures> tensors(Schema schema, Random random) {
        return new RandomSpecs(random, FeatureMapping.RAW_ELEMENTS).tensors(schema);
    }

    private void expectRefusal(long seed, FeatureSpec spec, JsonFeaturePlan plan, byte[] value) {
        try {
            plan.decode(value, Tensors.direct(spec, ROW + 1), ROW);
        } catch (RecordDecodingException e) {
            refused++;
            assertThat(e.getMessage()).isNotBlank();
            return;
        }
        fail("Seed %d: took what is no JSON object: %s", seed, text(value));
    }

    private void compare(
            long seed,
            Schema schema,
            FeatureSpec spec,
            JsonFeaturePlan plan,
            byte[] value,
            JsonNode tree,
            boolean exact) {
        ByteBuffer[] expected = Tensors.direct(spec, 1);
        ByteBuffer[] actual = Tensors.direct(spec, ROW + 1);
        boolean accepted = Oracle.fill(JsonTrees.data(tree, schema), spec, expected);
        try {
            plan.decode(value, actual, ROW);
        } catch (RecordDecodingException e) {
            refused++;
            if (accepted && exact) {
                fail("Seed %d: refused (%s): %s, %s", seed, e.getMessage(), text(value), schema);
            }
            return;
        }
        decoded++;
        if (!accepted) {
            fail("Seed %d: took what it had to refuse: %s, %s", seed, text(value), schema);
        }
        for (int t = 0; t < expected.length; t++) {
            TensorFeatures input = spec.tensors().get(t);
            int rowBytes = input.layout().rowBytes();
            assertThat(Tensors.row(actual[t], ROW, rowBytes))
                    .as("seed %d, %s, schema %s, record %s", seed, input, schema, text(value))
                    .isEqualTo(Tensors.row(expected[t], 0, rowBytes));
        }
    }

    private static String text(byte[] value) {
        return new String(value, StandardCharsets.UTF_8);
    }
}
