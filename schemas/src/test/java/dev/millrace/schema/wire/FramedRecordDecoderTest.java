package dev.millrace.schema.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.schema.Framing;
import dev.millrace.schema.RecordDecodingException;
import dev.millrace.schema.RecordDecodingException.Kind;
import dev.millrace.schema.TensorLayout;
import dev.millrace.schema.TensorType;
import dev.millrace.schema.feature.Feature;
import dev.millrace.schema.feature.FeatureSpec;
import dev.millrace.schema.feature.TensorFeatures;
import dev.millrace.schema.feature.UnusableFeatureException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FramedRecordDecoderTest {
    private static final Schema OLD =
            SchemaBuilder.record("Payment")
                    .fields()
                    .requiredString("id")
                    .requiredFloat("sum")
                    .endRecord();
    private static final Schema NEW =
            new Schema.Parser()
                    .parse(
                            """
                            {"type": "record", "name": "Payment", "fields": [
                              {"name": "amount", "type": "double", "aliases": ["sum"]},
                              {"name": "tries", "type": "int", "default": 3},
                              {"name": "id", "type": "string"}]}
                            """);
    private static final FeatureSpec SPEC =
            new FeatureSpec(
                    List.of(
                            new TensorFeatures(
                                    new TensorLayout("x", TensorType.FLOAT32, List.of(2)),
                                    List.of(Feature.of("amount"), Feature.of("tries")))));

    private final ByteBuffer[] tensors = {
        ByteBuffer.allocateDirect(24).order(ByteOrder.nativeOrder())
    };

    private TestingSchemaRegistry server;

    @BeforeEach
    void start() throws IOException {
        server = new TestingSchemaRegistry();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void readsEachRecordByItsWritersSchema() throws Exception {
        server.put(1, OLD);
        server.put(0x01020304, NEW);
        RecordDecoder decoder = confluent();
        decoder.decode(framed(Framing.confluent(1), oldRecord(1.5f)), tensors, 0);
        decoder.decode(framed(Framing.confluent(0x01020304), newRecord(2.5, 7)), tensors, 1);
        decoder.decode(framed(Framing.confluent(1), oldRecord(3.5f)), tensors, 2);
        assertRows(1.5f, 3f, 2.5f, 7f, 3.5f, 3f);
        assertThat(server.requests).hasSize(2);
    }

    @Test
    void readsEachRecordByItsFingerprint() throws Exception {
        RecordDecoder decoder = new SingleObjectRecordDecoder(List.of(OLD, NEW), NEW, SPEC);
        decoder.decode(framed(Framing.singleObject(OLD), oldRecord(1.5f)), tensors, 0);
        decoder.decode(framed(Framing.singleObject(NEW), newRecord(2.5, 7)), tensors, 1);
        decoder.decode(framed(Framing.singleObject(OLD), oldRecord(3.5f)), tensors, 2);
        assertRows(1.5f, 3f, 2.5f, 7f, 3.5f, 3f);
    }

    @Test
    void refusesWhatIsNotFramed() throws Exception {
        byte[] plain = framed(Framing.plain(), newRecord(2.1, 7));
        RecordDecoder single = new SingleObjectRecordDecoder(NEW, SPEC);
        assertRefused(confluent(), plain, Kind.MALFORMED, "schema registry");
        assertRefused(confluent(), new byte[] {0, 0, 1}, Kind.MALFORMED, "3 bytes are too few");
        assertRefused(confluent(), new byte[] {0, -1, 0, 0, 0}, Kind.MALFORMED, "negative");
        assertRefused(confluent(), null, Kind.MISSING, "tombstone");
        assertRefused(single, plain, Kind.MALFORMED, "C3 01");
        assertRefused(single, null, Kind.MISSING, "tombstone");
        assertRefused(
                single,
                framed(Framing.singleObject(OLD), oldRecord(1)),
                Kind.UNKNOWN_SCHEMA,
                "known are");
        assertThat(server.requests).isEmpty();
    }

    @Test
    void asksAgainForAnIdThatWasUnknownButEverMoreRarely() throws Exception {
        RecordDecoder decoder = confluent();
        byte[] value = framed(Framing.confluent(5), newRecord(2.5, 7));
        for (int i = 0; i < 5000; i++) {
            assertRefused(decoder, value, Kind.UNKNOWN_SCHEMA, "id 5");
        }
        assertThat(server.requests).hasSizeBetween(3, 20);
        server.put(5, NEW);
        int refused = 0;
        boolean read = false;
        while (!read && refused < 2000) {
            try {
                decoder.decode(value, tensors, 0);
                read = true;
            } catch (RecordDecodingException e) {
                refused++;
            }
        }
        assertThat(read).isTrue();
        assertThat(tensors[0].getFloat(0)).isEqualTo(2.5f);
    }

    @Test
    void aSchemaThatLacksAFeatureIsAskedForOnce() throws Exception {
        server.put(6, SchemaBuilder.record("Other").fields().requiredInt("tries").endRecord());
        RecordDecoder decoder = confluent();
        byte[] value = framed(Framing.confluent(6), newRecord(2.5, 7));
        for (int i = 0; i < 10; i++) {
            assertRefused(decoder, value, Kind.UNUSABLE_SCHEMA, "Feature amount");
        }
        assertThat(server.requests).hasSize(1);
    }

    @Test
    void manyIdsDoNotCrowdOutTheOnesInUse() throws Exception {
        RecordDecoder decoder = confluent();
        for (int id = 1; id <= PlanCache.CAPACITY + 50; id++) {
            server.put(id, NEW);
            decoder.decode(framed(Framing.confluent(id), newRecord(id, 7)), tensors, 0);
            assertThat(tensors[0].getFloat(0)).isEqualTo(id);
        }
        decoder.decode(framed(Framing.confluent(1), newRecord(8, 7)), tensors, 0);
        assertThat(tensors[0].getFloat(0)).isEqualTo(8f);
    }

    @Test
    void anUnreachableRegistryLeavesNothingBehind() throws Exception {
        server.put(5, NEW);
        RecordDecoder decoder = confluent();
        byte[] value = framed(Framing.confluent(5), newRecord(2.5, 7));
        for (int i = 0; i < 6; i++) {
            server.failures.add(503);
        }
        assertThatThrownBy(() -> decoder.decode(value, tensors, 0))
                .isInstanceOf(SchemaRegistryUnavailableException.class);
        decoder.decode(value, tensors, 0);
        assertThat(tensors[0].getFloat(0)).isEqualTo(2.5f);
    }

    @Test
    void readersSchemaWithoutAFeatureIsRefusedAtOnce() {
        assertThatThrownBy(
                        () ->
                                new ConfluentRecordDecoder(
                                        new SchemaRegistry(server.options()), SPEC, OLD))
                .isInstanceOf(UnusableFeatureException.class);
    }

    private RecordDecoder confluent() {
        return new ConfluentRecordDecoder(new SchemaRegistry(server.options()), SPEC, NEW);
    }

    private void assertRefused(RecordDecoder decoder, byte[] value, Kind kind, String message) {
        assertThatThrownBy(() -> decoder.decode(value, tensors, 0))
                .isInstanceOfSatisfying(
                        RecordDecodingException.class, e -> assertThat(e.kind()).isEqualTo(kind))
                .hasMessageContaining(message);
    }

    private void assertRows(float... expected) {
        for (int i = 0; i < expected.length; i++) {
            assertThat(tensors[0].getFloat(i * Float.BYTES)).isEqualTo(expected[i]);
        }
    }

    private static GenericRecord oldRecord(float sum) {
        return new GenericRecordBuilder(OLD).set("id", "a").set("sum", sum).build();
    }

    private static GenericRecord newRecord(double amount, int tries) {
        return new GenericRecordBuilder(NEW)
                .set("amount", amount)
                .set("tries", tries)
                .set("id", "b")
                .build();
    }

    private static byte[] framed(Framing framing, GenericRecord record) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(framing.header());
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
        new GenericDatumWriter<GenericRecord>(record.getSchema()).write(record, encoder);
        encoder.flush();
        return out.toByteArray();
    }
}
