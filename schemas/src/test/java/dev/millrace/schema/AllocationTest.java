package dev.millrace.schema;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.millrace.schema.feature.Feature;
import dev.millrace.schema.feature.FeaturePlan;
import dev.millrace.schema.feature.FeatureSpec;
import dev.millrace.schema.feature.TensorFeatures;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.junit.jupiter.api.Test;

/** The data path makes no objects but the bytes it hands on. */
class AllocationTest {
    private static final int RECORDS = 20_000;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final Schema SCHEMA =
            new Schema.Parser()
                    .parse(
                            """
                            {"type": "record", "name": "Payment", "fields": [
                              {"name": "id", "type": "string"},
                              {"name": "amount", "type": ["null", "double"]},
                              {"name": "country", "type": "string"},
                              {"name": "tags", "type": {"type": "array", "items": "string"}},
                              {"name": "history", "type": {"type": "array", "items": "float"}},
                              {"name": "counts", "type": {"type": "array", "items": ["null", "int"]}},
                              {"name": "extra", "type": {"type": "map", "values": "long"}},
                              {"name": "rate", "type": "float"}]}
                            """);

    private interface Work {
        void run() throws RecordDecodingException;
    }

    @Test
    void decodingAllocatesNothing() throws Exception {
        FeatureSpec spec =
                new FeatureSpec(
                        List.of(
                                tensor(
                                        "scalars",
                                        TensorType.FLOAT32,
                                        4,
                                        "amount",
                                        "rate",
                                        "extra.a",
                                        "extra.b"),
                                tensor("history", TensorType.FLOAT32, 16, "history"),
                                tensor("counts", TensorType.INT64, 4, "counts"),
                                new TensorFeatures(
                                        new TensorLayout(
                                                "country",
                                                TensorType.CATEGORY,
                                                List.of(),
                                                List.of("at", "de", "fr")),
                                        List.of(Feature.of("country")))));
        FeaturePlan plan = FeaturePlan.compile(SCHEMA, spec);
        ByteBuffer[] tensors =
                spec.tensors().stream()
                        .map(input -> buffer(input.layout().rowBytes()))
                        .toArray(ByteBuffer[]::new);
        byte[] value = record();
        assertThat(allocatedPerRun(() -> plan.decode(value, tensors, 0))).isLessThan(0.5);
        assertThat(tensors[3].getInt(0)).isEqualTo(1);
    }

    @Test
    void encodingAllocatesTheResultAlone() throws Exception {
        List<ScoreField> scores =
                List.of(
                        ScoreField.of(0, new TensorLayout("score", TensorType.FLOAT32, List.of(1))),
                        ScoreField.of(
                                1,
                                new TensorLayout(
                                        "label",
                                        TensorType.CATEGORY,
                                        List.of(),
                                        List.of("a", "b"))),
                        ScoreField.of(2, new TensorLayout("ids", TensorType.INT64, List.of(3))));
        ScoredRecordEncoder encoder =
                new ScoredRecordEncoder(
                        Framing.plain(),
                        "cards",
                        new ModelIdentity("fraud", "7", "ab".repeat(32)),
                        "FP32",
                        scores);
        ByteBuffer[] outputs = {buffer(4), buffer(4), buffer(24)};
        byte[] result = encoder.encode("topic", 1, 2, 3, outputs, 0);
        byte[][] sink = new byte[1][];
        double allocated =
                allocatedPerRun(() -> sink[0] = encoder.encode("topic", 1, 2, 3, outputs, 0));
        // An array has a header of 16 bytes and fills words of 8.
        int expected = (16 + result.length + 7) / 8 * 8;
        assertThat(allocated).isBetween(expected - 0.5, expected + 0.5);
        assertThat(sink[0]).isEqualTo(result);
    }

    private static double allocatedPerRun(Work work) throws RecordDecodingException {
        for (int i = 0; i < RECORDS; i++) {
            work.run();
        }
        long thread = Thread.currentThread().getId();
        double least = Double.MAX_VALUE;
        // The compiler may allocate in this thread's name while it replaces code: take the best.
        for (int attempt = 0; attempt < 5; attempt++) {
            long before = THREADS.getThreadAllocatedBytes(thread);
            for (int i = 0; i < RECORDS; i++) {
                work.run();
            }
            long after = THREADS.getThreadAllocatedBytes(thread);
            least = Math.min(least, (double) (after - before) / RECORDS);
        }
        return least;
    }

    private static TensorFeatures tensor(
            String name, TensorType type, int elements, String... paths) {
        List<Feature> features =
                List.of(paths).stream().map(path -> Feature.of(path).withDefault(0L)).toList();
        return new TensorFeatures(new TensorLayout(name, type, List.of(elements)), features);
    }

    private static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }

    private static byte[] record() throws IOException {
        GenericData.Record record = new GenericData.Record(SCHEMA);
        record.put("id", "4711");
        record.put("amount", 12.5);
        record.put("country", "de");
        record.put("tags", List.of("x", "y"));
        record.put("history", java.util.Collections.nCopies(16, 0.5f));
        record.put("counts", java.util.Arrays.asList(1, null, 3, 4));
        record.put("extra", Map.of("a", 1L, "z", 2L));
        record.put("rate", 0.25f);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
        new GenericDatumWriter<GenericData.Record>(SCHEMA).write(record, encoder);
        encoder.flush();
        return out.toByteArray();
    }
}
