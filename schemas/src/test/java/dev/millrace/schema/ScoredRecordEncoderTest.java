package dev.millrace.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericFixed;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.util.Utf8;
import org.junit.jupiter.api.Test;

class ScoredRecordEncoderTest {
    private static final ModelIdentity MODEL = new ModelIdentity("fraud", "7", "ab".repeat(32));

    @Test
    void anArrayOfTheRightLengthIsUsedAgain() {
        ScoredRecordEncoder encoder =
                new ScoredRecordEncoder(
                        Framing.plain(),
                        "cards",
                        MODEL,
                        "FP32",
                        List.of(
                                ScoreField.of(
                                        0,
                                        new TensorLayout("score", TensorType.FLOAT32, List.of()))));
        ByteBuffer[] outputs = {buffer(8).putFloat(0, 0.25f).putFloat(4, 0.75f)};
        byte[] first = encoder.encode("transactions", 0, 8190, 5, outputs, 0);
        byte[] second = encoder.encode("transactions", 0, 8191, 6, outputs, 1);
        byte[] longer = encoder.encode("transactions", 0, 8192, 7, outputs, 0);

        assertThat(encoder.encode("transactions", 0, 8191, 6, outputs, 1, first))
                .isSameAs(first)
                .isEqualTo(second);
        assertThat(encoder.encode("transactions", 0, 8192, 7, outputs, 0, first))
                .isNotSameAs(first)
                .isEqualTo(longer)
                .hasSize(first.length + 1);
        assertThat(first).isEqualTo(second);
    }

    @Test
    void avrosOwnReaderReadsEveryTypeOfScore() throws IOException {
        List<ScoreField> scores =
                List.of(
                        ScoreField.of(0, new TensorLayout("float", TensorType.FLOAT32, List.of())),
                        ScoreField.of(
                                1, new TensorLayout("floats", TensorType.FLOAT32, List.of(2))),
                        ScoreField.of(1, new TensorLayout("floats", TensorType.FLOAT32, List.of(2)))
                                .named("second")
                                .element(1),
                        ScoreField.of(
                                2, new TensorLayout("double", TensorType.FLOAT64, List.of(1))),
                        ScoreField.of(
                                3, new TensorLayout("longs", TensorType.INT64, List.of(1, 2))),
                        ScoreField.of(4, new TensorLayout("flag", TensorType.BOOL, List.of())),
                        ScoreField.of(
                                5,
                                new TensorLayout(
                                        "label",
                                        TensorType.CATEGORY,
                                        List.of(),
                                        List.of("no", "Betrug ü"))),
                        ScoreField.of(
                                6,
                                new TensorLayout(
                                        "labels",
                                        TensorType.CATEGORY,
                                        List.of(2),
                                        List.of("no", "yes"))),
                        ScoreField.of(7, new TensorLayout("half", TensorType.FLOAT16, List.of())),
                        ScoreField.of(8, new TensorLayout("byte", TensorType.UINT8, List.of())),
                        ScoreField.of(9, new TensorLayout("flags", TensorType.BOOL, List.of(3))));
        ByteBuffer[] outputs = {
            buffer(8).putFloat(4, 0.25f),
            buffer(16).putFloat(8, 1.5f).putFloat(12, Float.NaN),
            buffer(16).putDouble(8, Math.PI),
            buffer(32).putLong(16, Long.MIN_VALUE).putLong(24, 300),
            buffer(2).put(1, (byte) 1),
            buffer(8).putInt(4, 1),
            buffer(16).putInt(8, 1).putInt(12, -1),
            buffer(4).putShort(2, (short) 0x3C00),
            buffer(2).put(1, (byte) 200),
            buffer(6).put(3, (byte) 1).put(5, (byte) 1)
        };

        byte[] bytes =
                new ScoredRecordEncoder(Framing.plain(), "cards", MODEL, "FP32", scores)
                        .encode("transactions", 3, 1L << 40, 1_700_000_000_000L, outputs, 1);

        GenericRecord record = read(bytes);
        assertThat(record.get("pipeline")).hasToString("cards");
        GenericRecord source = (GenericRecord) record.get("source");
        assertThat(source.get("topic")).hasToString("transactions");
        assertThat(source.get("partition")).isEqualTo(3);
        assertThat(source.get("offset")).isEqualTo(1L << 40);
        assertThat(source.get("timestamp")).isEqualTo(1_700_000_000_000L);
        GenericRecord model = (GenericRecord) record.get("model");
        assertThat(model.get("name")).hasToString("fraud");
        assertThat(model.get("version")).hasToString("7");
        assertThat(((GenericFixed) model.get("sha256")).bytes()).hasSize(32).containsOnly(0xab);
        assertThat(record.get("precision")).hasToString("FP32");
        Map<?, ?> map = (Map<?, ?>) record.get("scores");
        assertThat(map).hasSize(11);
        assertThat(map.get(new Utf8("float"))).isEqualTo(0.25f);
        assertThat(values(map, "floats")).isEqualTo(List.of(1.5f, Float.NaN));
        assertThat(map.get(new Utf8("second"))).isEqualTo(Float.NaN);
        assertThat(map.get(new Utf8("double"))).isEqualTo(Math.PI);
        assertThat(values(map, "longs")).isEqualTo(List.of(Long.MIN_VALUE, 300L));
        assertThat(map.get(new Utf8("flag"))).isEqualTo(true);
        assertThat(map.get(new Utf8("label"))).hasToString("Betrug ü");
        assertThat(values(map, "labels")).isEqualTo(List.of(new Utf8("yes"), new Utf8("")));
        assertThat(map.get(new Utf8("half"))).isEqualTo(1.0f);
        assertThat(map.get(new Utf8("byte"))).isEqualTo(200L);
        assertThat(values(map, "flags")).isEqualTo(List.of(1L, 0L, 1L));
    }

    @Test
    void refusesAnOutputThatAvroCannotHold() {
        assertThatThrownBy(
                        () -> ScoreField.of(0, new TensorLayout("x", TensorType.UINT64, List.of())))
                .hasMessageContaining("uint64");
    }

    @Test
    void refusesTwoScoresOfOneName() {
        ScoreField score = ScoreField.of(0, new TensorLayout("x", TensorType.FLOAT32, List.of()));
        assertThatThrownBy(
                        () ->
                                new ScoredRecordEncoder(
                                        Framing.plain(), "p", MODEL, "FP32", List.of(score, score)))
                .hasMessageContaining("2 scores under 1 names");
    }

    private static List<?> values(Map<?, ?> map, String name) {
        return (List<?>) ((GenericRecord) map.get(new Utf8(name))).get("values");
    }

    private static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }

    private static GenericRecord read(byte[] bytes) throws IOException {
        BinaryDecoder decoder = DecoderFactory.get().binaryDecoder(bytes, null);
        GenericRecord record =
                new GenericDatumReader<GenericRecord>(Contracts.scoredRecord()).read(null, decoder);
        assertThat(decoder.isEnd()).isTrue();
        return record;
    }
}
