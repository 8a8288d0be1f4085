package dev.millrace.operator.inference;

import dev.millrace.operator.deadletter.DeadLetter;
import java.time.Duration;
import java.util.Objects;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.OutputTag;

/**
 * Scores a {@code DataStream} with a model, in micro-batches and in order:
 *
 * <pre>{@code
 * OutputTag<DeadLetter<Payment>> dead = DeadLetter.tag("dead-letters", payments.getType());
 * SingleOutputStreamOperator<Scored> scored =
 *         MicroBatchInference.<Payment, Scored>builder()
 *                 .engine(EngineProvider.of(ModelArtifact.read("fraud", "7", Path.of("m.onnx"))))
 *                 .features((payment, slot, row) -> payment.writeTo(slot.input(0), row * 120))
 *                 .scores((payment, slot, row) ->
 *                         new Scored(payment.id(), slot.output(0).getFloat(row * 4)))
 *                 .maxBatchSize(1024)
 *                 .linger(Duration.ofMillis(5))
 *                 .deadLetters(dead)
 *                 .apply(payments, TypeInformation.of(Scored.class));
 * }</pre>
 *
 * <p>A description: nothing is opened before the job runs.
 */
public final class MicroBatchInference<IN, OUT> {
    private static final String NAME = "Micro-batch inference";

    private final EngineProvider engines;
    private final FeatureWriter<IN> features;
    private final ScoreReader<IN, OUT> scores;
    private final InferenceOptions options;
    private final OutputTag<DeadLetter<IN>> deadLetterTag;
    private final boolean copyInputs;

    private MicroBatchInference(Builder<IN, OUT> builder) {
        this.engines = Objects.requireNonNull(builder.engines, "engine(...) is missing");
        this.features = Objects.requireNonNull(builder.features, "features(...) is missing");
        this.scores = Objects.requireNonNull(builder.scores, "scores(...) is missing");
        this.options = builder.options;
        this.deadLetterTag = builder.deadLetterTag;
        this.copyInputs = builder.copyInputs;
    }

    public static <IN, OUT> Builder<IN, OUT> builder() {
        return new Builder<>();
    }

    /** Adds the operator to a stream. Name, uid and parallelism can be set on what is returned. */
    public SingleOutputStreamOperator<OUT> apply(
            DataStream<IN> stream, TypeInformation<OUT> outputType) {
        StreamExecutionEnvironment environment = stream.getExecutionEnvironment();
        return stream.transform(
                NAME,
                outputType,
                new MicroBatchInferenceOperatorFactory<>(
                        environment.clean(engines),
                        environment.clean(features),
                        environment.clean(scores),
                        options,
                        deadLetterTag,
                        copyInputs));
    }

    /** Collects the parts; engine, features and scores are required. */
    public static final class Builder<IN, OUT> {
        private EngineProvider engines;
        private FeatureWriter<IN> features;
        private ScoreReader<IN, OUT> scores;
        private InferenceOptions options = InferenceOptions.DEFAULT;
        private OutputTag<DeadLetter<IN>> deadLetterTag;
        private boolean copyInputs = true;

        private Builder() {}

        /** Where the engine of each subtask comes from. */
        public Builder<IN, OUT> engine(EngineProvider provider) {
            this.engines = provider;
            return this;
        }

        /** Writes an element's features. */
        public Builder<IN, OUT> features(FeatureWriter<IN> writer) {
            this.features = writer;
            return this;
        }

        /** Makes an output of an element and its scores. */
        public Builder<IN, OUT> scores(ScoreReader<IN, OUT> reader) {
            this.scores = reader;
            return this;
        }

        /** Most records of a micro-batch. */
        public Builder<IN, OUT> maxBatchSize(int rows) {
            options = options.withMaxBatchSize(rows);
            return this;
        }

        /** Longest wait of a micro-batch's first record. */
        public Builder<IN, OUT> linger(Duration linger) {
            options = options.withLinger(linger);
            return this;
        }

        /** Micro-batches that can be filled or in flight at once. */
        public Builder<IN, OUT> slots(int slots) {
            options = options.withSlots(slots);
            return this;
        }

        /** Adapts sizes and linger so that 99 of 100 micro-batches stay under this latency. */
        public Builder<IN, OUT> targetLatency(Duration target) {
            options = options.withTargetLatency(target);
            return this;
        }

        /** All options at once. */
        public Builder<IN, OUT> options(InferenceOptions all) {
            this.options = all;
            return this;
        }

        /**
         * Diverts records that cannot be scored to a side output. Without it such a record fails
         * the task: none is ever dropped silently.
         */
        public Builder<IN, OUT> deadLetters(OutputTag<DeadLetter<IN>> tag) {
            this.deadLetterTag = tag;
            return this;
        }

        /**
         * Promises that nobody writes to an element after it was handed on, so that elements are
         * kept without a copy in jobs with object reuse too.
         */
        public Builder<IN, OUT> withoutInputCopies() {
            this.copyInputs = false;
            return this;
        }

        public MicroBatchInference<IN, OUT> build() {
            return new MicroBatchInference<>(this);
        }

        /** Builds and adds the operator to a stream. */
        public SingleOutputStreamOperator<OUT> apply(
                DataStream<IN> stream, TypeInformation<OUT> outputType) {
            return build().apply(stream, outputType);
        }
    }
}
