package dev.millrace.job;

import dev.millrace.job.config.PipelineConfig;
import dev.millrace.job.kafka.RecordType;
import dev.millrace.job.kafka.Sinks;
import dev.millrace.job.kafka.Sources;
import dev.millrace.job.release.ArtifactLocations;
import dev.millrace.job.release.ReleaseGate;
import dev.millrace.job.release.ReleaseSettings;
import dev.millrace.job.release.VersionedEngineProvider;
import dev.millrace.operator.deadletter.DeadLetter;
import dev.millrace.operator.inference.EngineProvider;
import dev.millrace.operator.inference.InferenceOptions;
import dev.millrace.operator.inference.MicroBatchInference;
import java.time.Duration;
import java.util.Optional;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.core.execution.CheckpointingMode;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.OutputTag;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * The job graph of a pipeline: source, inference and both sinks in one chain, so that a record
 * stays on one thread and is serialised by nobody.
 */
public final class ScoringTopology {
    private ScoringTopology() {}

    /** Adds a pipeline's graph to an environment, with the settings it needs. */
    public static void build(StreamExecutionEnvironment environment, PreparedPipeline pipeline) {
        build(environment, pipeline, Sources.unbounded(pipeline.config().source()));
    }

    /** The same with a source of the caller's own, for example a bounded one. */
    public static void build(
            StreamExecutionEnvironment environment,
            PreparedPipeline pipeline,
            Source<ConsumerRecord<byte[], byte[]>, ?, ?> source) {
        build(environment, pipeline, source, Outputs.topics(pipeline.config()), false);
    }

    /**
     * Where records go.
     *
     * @param shadow only used by pipelines with a control topic
     */
    public record Outputs(
            Sink<ProducerRecord<byte[], byte[]>> scored,
            Sink<ProducerRecord<byte[], byte[]>> deadLetters,
            Sink<ProducerRecord<byte[], byte[]>> shadow) {
        /** The topics that the pipeline names. */
        public static Outputs topics(PipelineConfig config) {
            PipelineConfig.Sink sink = config.sink();
            return new Outputs(
                    Sinks.scored(sink),
                    Sinks.deadLetters(sink),
                    Sinks.shadow(sink, shadowTopic(config)));
        }
    }

    private static String shadowTopic(PipelineConfig config) {
        return config.releases()
                .map(PipelineConfig.Releases::shadowTopic)
                .orElse(config.sink().topic());
    }

    /**
     * The same with outputs of the caller's own.
     *
     * @param replay whether the release log is taken as it is now, without a say in it
     */
    public static void build(
            StreamExecutionEnvironment environment,
            PreparedPipeline pipeline,
            Source<ConsumerRecord<byte[], byte[]>, ?, ?> source,
            Outputs outputs,
            boolean replay) {
        PipelineConfig config = pipeline.config();
        configure(environment, config);
        DataStream<ConsumerRecord<byte[], byte[]>> records =
                environment
                        .fromSource(
                                source,
                                WatermarkStrategy.noWatermarks(),
                                "Source " + String.join(", ", config.source().topics()),
                                RecordType.CONSUMER)
                        .uid("source");
        Optional<ReleaseSettings> releases =
                config.releases().map(live -> settings(config, live, replay));
        if (releases.isPresent()) {
            records =
                    records.map(new ReleaseGate(releases.get()))
                            .returns(RecordType.CONSUMER)
                            .name("Releases from " + config.releases().orElseThrow().topic())
                            .uid("releases");
        }
        OutputTag<DeadLetter<ConsumerRecord<byte[], byte[]>>> tag =
                DeadLetter.tag("dead-letters", RecordType.CONSUMER);
        SingleOutputStreamOperator<ProducerRecord<byte[], byte[]>> scored =
                inference(pipeline, tag, releases)
                        .apply(records, RecordType.PRODUCER)
                        .name("Score with " + pipeline.artifact().version())
                        .uid("inference");
        scored.sinkTo(outputs.scored())
                .name("Scored records to " + config.sink().topic())
                .uid("scored-records");
        if (releases.isPresent()) {
            scored.flatMap(new ShadowScores())
                    .returns(RecordType.PRODUCER)
                    .name("Shadow scores apart")
                    .uid("shadow-scores")
                    .sinkTo(outputs.shadow())
                    .name("Shadow scores to " + shadowTopic(config))
                    .uid("shadow-records");
        }
        scored.getSideOutput(tag)
                .map(new DeadLetterRecords(config.name(), config.sink().deadLetterTopic()))
                .returns(RecordType.PRODUCER)
                .name("Causes into headers")
                .uid("dead-letter-headers")
                .sinkTo(outputs.deadLetters())
                .name("Dead letters to " + config.sink().deadLetterTopic())
                .uid("dead-letters");
    }

    private static ReleaseSettings settings(
            PipelineConfig config, PipelineConfig.Releases releases, boolean replay) {
        return new ReleaseSettings(
                releases.topic(),
                config.adminProperties(),
                releases.timeout().toMillis(),
                new ArtifactLocations(releases.locations()),
                replay,
                config.engine());
    }

    private static MicroBatchInference<
                    ConsumerRecord<byte[], byte[]>, ProducerRecord<byte[], byte[]>>
            inference(
                    PreparedPipeline pipeline,
                    OutputTag<DeadLetter<ConsumerRecord<byte[], byte[]>>> tag,
                    Optional<ReleaseSettings> releases) {
        PipelineConfig config = pipeline.config();
        RecordFeatures features =
                new RecordFeatures(pipeline.format(), FeatureSelection.of(config.features()));
        ScoredRecordSettings scored = ScoredRecordSettings.of(config);
        MicroBatchInference.Builder<ConsumerRecord<byte[], byte[]>, ProducerRecord<byte[], byte[]>>
                builder =
                        MicroBatchInference
                                .<ConsumerRecord<byte[], byte[]>, ProducerRecord<byte[], byte[]>>
                                        builder()
                                .options(options(config))
                                .deadLetters(tag)
                                .withoutInputCopies();
        if (releases.isEmpty()) {
            return builder.engine(EngineProvider.of(pipeline.artifact(), config.engine()))
                    .features(features)
                    .scores(new ScoredRecords(scored, false))
                    .build();
        }
        return builder.engine(new VersionedEngineProvider(pipeline.artifact(), releases.get()))
                .features(new RoutedFeatures(features))
                .scores(new RoutedScores(scored, shadowTopic(config)))
                .build();
    }

    private static InferenceOptions options(PipelineConfig config) {
        return InferenceOptions.DEFAULT
                .withMaxBatchSize(config.batching().maxBatchSize())
                .withLinger(config.batching().linger())
                .withTargetLatency(config.batching().targetLatency().orElse(Duration.ZERO))
                .withSlots(config.engine().slots());
    }

    private static void configure(StreamExecutionEnvironment environment, PipelineConfig config) {
        Configuration settings = new Configuration();
        settings.set(PipelineOptions.NAME, "millrace " + config.name());
        // Nobody writes to a record after it was emitted, so nothing has to be copied.
        settings.set(PipelineOptions.OBJECT_REUSE, true);
        settings.set(
                CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
                ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
        environment.configure(settings);
        environment.enableCheckpointing(
                config.checkpointing().interval().toMillis(), CheckpointingMode.EXACTLY_ONCE);
        environment
                .getCheckpointConfig()
                .setCheckpointTimeout(config.checkpointing().timeout().toMillis());
        config.parallelism().ifPresent(environment::setParallelism);
    }
}
