package dev.millrace.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.schema.feature.Mutations;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Random;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.junit.jupiter.api.Test;

class ScoredRecordDecoderTest {
    private static final ModelIdentity MODEL = new ModelIdentity("fraud", "7", "ab".repeat(32));
    private static final List<ScoreField> SCORES =
            List.of(
                    ScoreField.of(0, new TensorLayout("fraud", TensorType.FLOAT32, List.of(1))),
                    ScoreField.of(1, new TensorLayout("double", TensorType.FLOAT64, List.of(2))),
                    ScoreField.of(2, new TensorLayout("count", TensorType.INT32, List.of())),
                    ScoreField.of(2, new TensorLayout("counts", TensorType.INT16, List.of(2))),
                    ScoreField.of(3, new TensorLayout("flag", TensorType.BOOL, List.of())),
                    ScoreField.of(
                            4,
                            new TensorLayout(
                                    "label",
                                    TensorType.CATEGORY,
                                    List.of(),
                                    List.of("no", "\"ja\""))),
                    ScoreField.of(
                            4,
                            new TensorLayout(
                                    "labels", TensorType.CATEGORY, List.of(1, 1), List.of("a"))));

    private final ByteBuffer[] outputs = {
        buffer(4).putFloat(0, 0.1f),
        buffer(16).putDouble(0, -0.0).putDouble(8, Double.NaN),
        buffer(4).putInt(0, 70_000),
        buffer(1).put(0, (byte) 1),
        buffer(4).putInt(0, 1)
    };

    @Test
    void readsWhatTheEncoderWroteInEveryFraming() throws RecordDecodingException {
        for (Framing framing :
                List.of(
                        Framing.plain(),
                        Framing.confluent(77),
                        Framing.singleObject(Contracts.scoredRecord()))) {
            outputs[4].putInt(0, 1);
            ScoredRecord record = ScoredRecordDecoder.decode(encode(framing, scores(6)));
            assertThat(record.pipeline()).isEqualTo("cards");
            assertThat(record.source())
                    .isEqualTo(new SourcePosition("transactions", 3, 42, 1_700_000_000_000L));
            assertThat(record.model()).isEqualTo(MODEL);
            assertThat(record.precision()).isEqualTo("FP32");
            assertThat(record.scores().keySet())
                    .containsExactly("fraud", "double", "count", "counts", "flag", "label");
            assertThat(record.scores().get("fraud").number(0)).isEqualTo(0.1f);
            assertThat(record.scores().get("count").number(0)).isEqualTo(70_000);
            assertThat(record.scores().get("label").text(0)).isEqualTo("\"ja\"");
        }
    }

    @Test
    void showsARecordAsJson() throws RecordDecodingException {
        ScoredRecord record = ScoredRecordDecoder.decode(encode(Framing.plain(), scores(6)));
        assertThat(record.toJson())
                .isEqualTo(
                        ("{'pipeline':'cards','source':{'topic':'transactions','partition':3,'offset':42,"
                                        + "'timestamp':1700000000000},'model':{'name':'fraud','version':'7','sha256':'"
                                        + "ab".repeat(32)
                                        + "'},'precision':'FP32','scores':{'fraud':0.1,'double':[-0.0,'NaN'],"
                                        + "'count':70000,'counts':[4464,1],'flag':true,'label':'\\'ja\\''}}")
                                .replace('\'', '"'));
        assertThat(record.scores().get("double")).hasToString("[-0.0, NaN]");
    }

    @Test
    void scoresAreEqualIfTheirBitsAre() throws RecordDecodingException {
        ScoredRecord first = ScoredRecordDecoder.decode(encode(Framing.plain(), scores(6)));
        assertThat(ScoredRecordDecoder.decode(encode(Framing.plain(), scores(6)))).isEqualTo(first);
        outputs[1].putDouble(0, 0.0);
        assertThat(ScoredRecordDecoder.decode(encode(Framing.plain(), scores(6))))
                .isNotEqualTo(first);
    }

    @Test
    void refusesAnotherSchemasFingerprint() {
        assertThatThrownBy(
                        () ->
                                ScoredRecordDecoder.decode(
                                        Framing.singleObject(Contracts.modelRelease()).header()))
                .isInstanceOf(RecordDecodingException.class)
                .hasMessageContaining("fingerprint");
    }

    @Test
    void readsDamagedRecordsAsAvroDoesOrRefusesThem() {
        long seed = Long.getLong("seed", new Random().nextLong());
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        outputs[4].putInt(0, 0);
        byte[] value = encode(Framing.plain(), SCORES);
        int read = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] damaged = Mutations.mutate(value, random);
            try {
                ScoredRecord record = ScoredRecordDecoder.decode(damaged);
                read++;
                if (damaged[0] != Framing.CONFLUENT_MAGIC) {
                    assertThat(avro(damaged).get("pipeline"))
                            .as("seed %d", seed)
                            .hasToString(record.pipeline());
                }
            } catch (RecordDecodingException e) {
                assertThat(e.getMessage()).isNotBlank();
            } catch (IOException | AvroRuntimeException e) {
                throw new AssertionError("Seed " + seed + ": Avro refuses what was read", e);
            }
        }
        assertThat(read).as("seed %d", seed).isBetween(100, 19_000);
    }

    private static GenericRecord avro(byte[] value) throws IOException {
        BinaryDecoder decoder = DecoderFactory.get().binaryDecoder(value, null);
        return new GenericDatumReader<GenericRecord>(Contracts.scoredRecord()).read(null, decoder);
    }

    private static List<ScoreField> scores(int count) {
        return SCORES.subList(0, count);
    }

    private byte[] encode(Framing framing, List<ScoreField> scores) {
        return new ScoredRecordEncoder(framing, "cards", MODEL, "FP32", scores)
                .encode("transactions", 3, 42, 1_700_000_000_000L, outputs, 0);
    }

    private static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }
}
