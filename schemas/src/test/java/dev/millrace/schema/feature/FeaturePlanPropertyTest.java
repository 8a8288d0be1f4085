package dev.millrace.schema.feature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.millrace.schema.RecordDecodingException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.junit.jupiter.api.Test;

/** Holds the plan against Avro's own reader, on random schemas, data and damage. */
class FeaturePlanPropertyTest {
    private static final int SCHEMAS = 2000;
    private static final int MUTATED = 40_000;
    private static final int ROW = 2;

    private int decoded;
    private int refused;

    @Test
    void readsWhatAvrosOwnReaderReads() throws IOException {
        long seed = Long.getLong("seed", new Random().nextLong());
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        int schemas = 0;
        for (int i = 0; i < SCHEMAS; i++) {
            Schema schema = new RandomSchemas(random).record();
            List<TensorFeatures> tensors = new RandomSpecs(random).tensors(schema);
            if (tensors.isEmpty()) {
                continue;
            }
            schemas++;
            FeatureSpec spec = new FeatureSpec(tensors);
            FeaturePlan plan = FeaturePlan.compile(schema, spec);
            for (int j = 0; j < 10; j++) {
                byte[] value = encode(schema, random);
                compare(seed, schema, spec, plan, value, read(schema, value));
            }
        }
        assertThat(schemas).as("schemas with features, seed %d", seed).isGreaterThan(SCHEMAS / 2);
        assertThat(decoded).as("decoded records, seed %d", seed).isGreaterThan(SCHEMAS / 2);
        assertThat(refused).as("refused records, seed %d", seed).isGreaterThan(SCHEMAS / 10);
    }

    @Test
    void readsDamagedRecordsAsAvroDoesOrRefusesThem() throws IOException {
        long seed = Long.getLong("seed", new Random().nextLong());
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        int mutated = 0;
        while (mutated < MUTATED) {
            Schema schema = new RandomSchemas(random).record();
            List<TensorFeatures> tensors = new RandomSpecs(random).tensors(schema);
            if (tensors.isEmpty()) {
                continue;
            }
            FeatureSpec spec = new FeatureSpec(tensors);
            FeaturePlan plan = FeaturePlan.compile(schema, spec);
            byte[] value = encode(schema, random);
            for (int j = 0; j < 50; j++, mutated++) {
                byte[] damaged = Mutations.mutate(value, random);
                GenericRecord record;
                try {
                    record = read(schema, damaged);
                } catch (IOException
                        | AvroRuntimeException
                        | IndexOutOfBoundsException
                        | UnsupportedOperationException e) {
                    expectRefusal(seed, schema, spec, plan, damaged);
                    continue;
                }
                compareUnlessRefused(seed, schema, spec, plan, damaged, record);
            }
        }
        assertThat(decoded).as("decoded records, seed %d", seed).isGreaterThan(100);
        assertThat(refused).as("refused records, seed %d", seed).isGreaterThan(MUTATED / 4);
    }

    private void expectRefusal(
            long seed, Schema schema, FeatureSpec spec, FeaturePlan plan, byte[] value) {
        try {
            plan.decode(value, Tensors.direct(spec, ROW + 1), ROW);
        } catch (RecordDecodingException e) {
            refused++;
            assertThat(e.getMessage()).isNotBlank();
            return;
        }
        fail("Seed %d: Avro refuses what the plan took; schema %s", seed, schema);
    }

    private void compareUnlessRefused(
            long seed,
            Schema schema,
            FeatureSpec spec,
            FeaturePlan plan,
            byte[] value,
            GenericRecord record) {
        try {
            plan.decode(value, Tensors.direct(spec, ROW + 1), ROW);
        } catch (RecordDecodingException e) {
            refused++;
            return;
        }
        compare(seed, schema, spec, plan, value, record);
    }

    private void compare(
            long seed,
            Schema schema,
            FeatureSpec spec,
            FeaturePlan plan,
            byte[] value,
            GenericRecord record) {
        ByteBuffer[] expected = Tensors.direct(spec, 1);
        ByteBuffer[] actual = Tensors.direct(spec, ROW + 1);
        boolean accepted = Oracle.fill(record, spec, expected);
        try {
            plan.decode(value, actual, ROW);
        } catch (RecordDecodingException e) {
            refused++;
            if (accepted) {
                fail("Seed %d: refused (%s); schema %s", seed, e.getMessage(), schema);
            }
            return;
        }
        decoded++;
        if (!accepted) {
            fail("Seed %d: took what it had to refuse; schema %s record %s", seed, schema, record);
        }
        for (int t = 0; t < expected.length; t++) {
            TensorFeatures input = spec.tensors().get(t);
            int rowBytes = input.layout().rowBytes();
            assertThat(Tensors.row(actual[t], ROW, rowBytes))
                    .as("seed %d, %s, schema %s, record %s", seed, input, schema, record)
                    .isEqualTo(Tensors.row(expected[t], 0, rowBytes));
        }
    }

    private static GenericRecord read(Schema schema, byte[] value) throws IOException {
        BinaryDecoder decoder = DecoderFactory.get().binaryDecoder(value, null);
        GenericRecord record = new GenericDatumReader<GenericRecord>(schema).read(null, decoder);
        if (!decoder.isEnd()) {
            throw new IOException("Bytes after the record");
        }
        return record;
    }

    private static byte[] encode(Schema schema, Random random) throws IOException {
        Object value = new RandomSchemas(random).value(schema);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        BinaryEncoder encoder =
                random.nextBoolean()
                        ? EncoderFactory.get().binaryEncoder(out, null)
                        : new EncoderFactory()
                                .configureBlockSize(64)
                                .blockingBinaryEncoder(out, null);
        new GenericDatumWriter<>(schema).write(value, encoder);
        encoder.flush();
        return out.toByteArray();
    }
}
