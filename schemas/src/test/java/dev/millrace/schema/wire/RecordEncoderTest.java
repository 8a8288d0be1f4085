package dev.millrace.schema.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.schema.TensorLayout;
import dev.millrace.schema.TensorType;
import dev.millrace.schema.feature.Feature;
import dev.millrace.schema.feature.FeaturePlan;
import dev.millrace.schema.feature.FeatureSpec;
import dev.millrace.schema.feature.JsonFeaturePlan;
import dev.millrace.schema.feature.TensorFeatures;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;

class RecordEncoderTest {
    private static final Schema SCHEMA =
            SchemaBuilder.record("Payment")
                    .fields()
                    .requiredString("id")
                    .optionalDouble("amount")
                    .endRecord();
    private static final FeatureSpec SPEC =
            new FeatureSpec(
                    List.of(
                            new TensorFeatures(
                                    new TensorLayout("x", TensorType.FLOAT32, List.of()),
                                    List.of(Feature.of("amount")))));

    private final ByteBuffer[] tensors = {
        ByteBuffer.allocateDirect(4).order(ByteOrder.nativeOrder())
    };

    @Test
    void everyFormatsDecoderReadsWhatItsEncoderWrites() throws Exception {
        try (TestingSchemaRegistry server = new TestingSchemaRegistry()) {
            SchemaRegistry registry = new SchemaRegistry(server.options());
            check(
                    RecordEncoder.avro(SCHEMA),
                    new AvroRecordDecoder(FeaturePlan.compile(SCHEMA, SPEC)));
            check(RecordEncoder.singleObject(SCHEMA), new SingleObjectRecordDecoder(SCHEMA, SPEC));
            check(
                    RecordEncoder.json(SCHEMA),
                    new JsonRecordDecoder(JsonFeaturePlan.compile(SPEC, SCHEMA)));
            check(
                    RecordEncoder.confluent(registry, "payments-value", SCHEMA),
                    new ConfluentRecordDecoder(new SchemaRegistry(server.options()), SPEC));
        }
    }

    @Test
    void refusesARecordThatDoesNotFollowTheSchema() {
        GenericRecord record = record(1);
        record.put("id", null);
        for (RecordEncoder encoder :
                List.of(RecordEncoder.avro(SCHEMA), RecordEncoder.json(SCHEMA))) {
            assertThatThrownBy(() -> encoder.encode(record))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("Payment");
            assertThat(encoder.encode(record(2))).isNotEmpty();
        }
    }

    @Test
    void writesJsonAsOtherProgramsDo() {
        assertThat(new String(RecordEncoder.json(SCHEMA).encode(record(2)), StandardCharsets.UTF_8))
                .isEqualTo("{\"id\":\"a\",\"amount\":2.0}");
    }

    private void check(RecordEncoder encoder, RecordDecoder decoder) throws Exception {
        for (double amount : new double[] {0.5, 1.5}) {
            decoder.decode(encoder.encode(record(amount)), tensors, 0);
            assertThat(tensors[0].getFloat(0)).isEqualTo((float) amount);
        }
    }

    private static GenericRecord record(double amount) {
        GenericData.Record record = new GenericData.Record(SCHEMA);
        record.put("id", "a");
        record.put("amount", amount);
        return record;
    }
}
