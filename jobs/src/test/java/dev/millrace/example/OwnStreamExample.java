package dev.millrace.example;

import dev.millrace.gpu.engine.ModelArtifact;
import dev.millrace.operator.deadletter.DeadLetter;
import dev.millrace.operator.inference.EngineProvider;
import dev.millrace.operator.inference.FeatureWriter;
import dev.millrace.operator.inference.MicroBatchInference;
import dev.millrace.operator.inference.ScoreReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.util.OutputTag;

/** Scores a stream of one's own. The README shows what is between the marks. */
final class OwnStreamExample {
    static final OutputTag<DeadLetter<Payment>> DEAD_LETTERS =
            DeadLetter.tag("dead-letters", TypeInformation.of(Payment.class));

    private OwnStreamExample() {}

    /** What the model is asked about. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Payment(String id, float[] features) {}

    /** What it says. */
    public record Verdict(String id, float fraud) {}

    static SingleOutputStreamOperator<Verdict> score(DataStream<Payment> payments, Path file)
            throws IOException {
        // README begin
        ModelArtifact model = ModelArtifact.read("fraud", "1", file);
        FeatureWriter<Payment> features =
                (payment, slot, row) ->
                        slot.input(0).asFloatBuffer().put(row * 15, payment.features());
        ScoreReader<Payment, Verdict> scores =
                (payment, slot, row) ->
                        new Verdict(payment.id(), slot.output(0).getFloat(row * Float.BYTES));
        SingleOutputStreamOperator<Verdict> verdicts =
                MicroBatchInference.<Payment, Verdict>builder()
                        .engine(EngineProvider.of(model))
                        .features(features)
                        .scores(scores)
                        .maxBatchSize(1024)
                        .linger(Duration.ofMillis(5))
                        .deadLetters(DEAD_LETTERS)
                        .apply(payments, TypeInformation.of(Verdict.class));
        // README end
        return verdicts;
    }
}
