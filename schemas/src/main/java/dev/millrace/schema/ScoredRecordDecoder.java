package dev.millrace.schema;

import dev.millrace.schema.RecordDecodingException.Kind;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads scored records, whichever framing they have: no framing begins as a plain record can, whose
 * pipeline's name is never empty. For readers of the output topic, not for the data path.
 * Stateless.
 */
public final class ScoredRecordDecoder {
    private static final int BRANCHES =
            Contracts.scoredRecord().getField("scores").schema().getValueType().getTypes().size();
    private static final ScoreType[] SCALARS = {
        ScoreType.FLOAT, ScoreType.DOUBLE, ScoreType.LONG, ScoreType.BOOLEAN, ScoreType.STRING
    };
    private static final ScoreType[] VECTORS = {
        ScoreType.FLOAT, ScoreType.DOUBLE, ScoreType.LONG, ScoreType.STRING
    };
    private static final byte[] SINGLE_OBJECT =
            Framing.singleObject(Contracts.scoredRecord()).header();

    private ScoredRecordDecoder() {}

    /**
     * Reads one value of the output topic.
     *
     * @throws RecordDecodingException if it is no scored record
     */
    public static ScoredRecord decode(byte[] value) throws RecordDecodingException {
        if (value == null || value.length == 0) {
            throw new RecordDecodingException(Kind.MISSING, "An empty value is no scored record");
        }
        AvroCursor in = new AvroCursor(value, headerBytes(value));
        String pipeline = in.readString();
        SourcePosition source =
                new SourcePosition(in.readString(), in.readInt(), in.readLong(), in.readLong());
        ModelIdentity model =
                new ModelIdentity(
                        in.readString(),
                        in.readString(),
                        HexFormat.of().formatHex(in.readFixed(32)));
        String precision = in.readString();
        Map<String, Score> scores = new LinkedHashMap<>();
        for (int block = in.readBlock(); block > 0; block = in.readBlock()) {
            for (int i = 0; i < block; i++) {
                scores.put(in.readString(), score(in));
            }
        }
        in.expectEnd();
        return new ScoredRecord(pipeline, source, model, precision, scores);
    }

    private static int headerBytes(byte[] value) throws RecordDecodingException {
        if (value[0] == Framing.CONFLUENT_MAGIC) {
            return Math.min(value.length, Framing.CONFLUENT_BYTES);
        }
        if (value[0] != SINGLE_OBJECT[0] || value.length < 2 || value[1] != SINGLE_OBJECT[1]) {
            return 0;
        }
        for (int i = 0; i < SINGLE_OBJECT.length; i++) {
            if (i >= value.length || value[i] != SINGLE_OBJECT[i]) {
                throw new RecordDecodingException(
                        Kind.UNKNOWN_SCHEMA,
                        "The value's schema is not that of scored records, fingerprint %016x"
                                .formatted(Fingerprints.crc64(Contracts.scoredRecord())));
            }
        }
        return SINGLE_OBJECT.length;
    }

    private static Score score(AvroCursor in) throws RecordDecodingException {
        int branch = in.readIndex(BRANCHES);
        if (branch >= SCALARS.length) {
            return vector(in, VECTORS[branch - SCALARS.length]);
        }
        ScoreType type = SCALARS[branch];
        return type == ScoreType.STRING
                ? new Score(true, List.of(in.readString()))
                : new Score(type, true, new long[] {bits(in, type)});
    }

    private static Score vector(AvroCursor in, ScoreType type) throws RecordDecodingException {
        List<String> texts = new ArrayList<>();
        List<Long> bits = new ArrayList<>();
        for (int block = in.readBlock(); block > 0; block = in.readBlock()) {
            for (int i = 0; i < block; i++) {
                if (type == ScoreType.STRING) {
                    texts.add(in.readString());
                } else {
                    bits.add(bits(in, type));
                }
            }
        }
        return type == ScoreType.STRING
                ? new Score(false, texts)
                : new Score(type, false, bits.stream().mapToLong(Long::longValue).toArray());
    }

    private static long bits(AvroCursor in, ScoreType type) throws RecordDecodingException {
        return switch (type) {
            case FLOAT -> in.readFloatBits();
            case DOUBLE -> in.readDoubleBits();
            case LONG -> in.readLong();
            case BOOLEAN -> in.readBoolean() ? 1 : 0;
            case STRING -> throw new IllegalStateException("A string has no bits");
        };
    }
}
