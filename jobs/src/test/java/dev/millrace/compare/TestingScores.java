package dev.millrace.compare;

import dev.millrace.schema.Framing;
import dev.millrace.schema.ModelIdentity;
import dev.millrace.schema.ScoreField;
import dev.millrace.schema.ScoredRecordEncoder;
import dev.millrace.schema.TensorLayout;
import dev.millrace.schema.TensorType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Scored records with one score, {@code fraud}. */
public final class TestingScores {
    public static final long TIME = 1_769_817_600_000L;

    private static final TensorLayout LAYOUT =
            new TensorLayout("fraud", TensorType.FLOAT32, List.of(), List.of());

    private final ScoredRecordEncoder encoder;

    public TestingScores(String version) {
        encoder =
                new ScoredRecordEncoder(
                        Framing.plain(),
                        "payments",
                        new ModelIdentity("fraud", version, "ab".repeat(32)),
                        "FP32",
                        List.of(ScoreField.of(0, LAYOUT)));
    }

    public byte[] record(int partition, long offset, float score) {
        ByteBuffer output = ByteBuffer.allocateDirect(4).order(ByteOrder.nativeOrder());
        output.putFloat(0, score);
        return encoder.encode(
                "transactions", partition, offset, TIME + offset, new ByteBuffer[] {output}, 0);
    }
}
