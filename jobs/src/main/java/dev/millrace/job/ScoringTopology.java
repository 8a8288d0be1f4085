package dev.millrace.job;

import dev.millrace.job.config.PipelineConfig;
import dev.millrace.job.kafka.RecordType;
import dev.millrace.job.kafka.Sinks;
import dev.millrace.job.kafka.Sources;
import dev.millrace.operator.deadletter.DeadLetter;
import dev.millrace.operator.inference.EngineProvider;
import dev.millrace.operator.inference.InferenceOptions;
import dev.millrace.operator.inference.MicroBatchInference;
import java.time.Duration;
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
        PipelineConfig.Sink sink = pipeline.config().sink();
        build(environment, pipeline, source, Sinks.scored(sink), Sinks.deadLetters(sink));
    }

    /** The same with sinks of the caller's own. */
    public static void build(
            StreamExecutionEnvironment environment,
            PreparedPipeline pipeline,
            Source<ConsumerRecord<byte[], byte[]>, ?, ?> source,
            Sink<ProducerRecord<byte[], byte[]>> scoredSink,
            Sink<ProducerRecord<byte[], byte[]>> deadLetterSink) {
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
        OutputTag<DeadLetter<ConsumerRecord<byte[], byte[]>>> tag =
                DeadLetter.tag("dead-letters", RecordType.CONSUMER);
        SingleOutputStreamOperator<ProducerRecord<byte[], byte[]>> scored =
                inference(pipeline, tag)
                        .apply(records, RecordType.PRODUCER)
                        .name("Score with " + pipeline.artifact().version())
                        .uid("inference");
        scored.sinkTo(scoredSink)
                .name("Scored records to " + config.sink().topic())
                .uid("scored-records");
        scored.getSideOutput(tag)
                .map(new DeadLetterRecords(config.name(), config.sink().deadLetterTopic()))
                .returns(RecordType.PRODUCER)
                .name("Causes into headers")
                .uid("dead-letter-headers")
                .sinkTo(deadLetterSink)
                .name("Dead letters to " + config.sink().deadLetterTopic())
                .uid("dead-letters");
    }

    private static MicroBatchInference<
                    ConsumerRecord<byte[], byte[]>, ProducerRecord<byte[], byte[]>>
            inference(
                    PreparedPipeline pipeline,
                    OutputTag<DeadLetter<ConsumerRecord<byte[], byte[]>>> tag) {
        PipelineConfig config = pipeline.config();
        return MicroBatchInference
                .<ConsumerRecord<byte[], byte[]>, ProducerRecord<byte[], byte[]>>builder()
                .engine(EngineProvider.of(pipeline.artifact(), config.engine()))
                .features(
                        new RecordFeatures(
                                pipeline.format(), FeatureSelection.of(config.features())))
                .scores(new ScoredRecords(ScoredRecordSettings.of(config)))
                .options(options(config))
                .deadLetters(tag)
                .withoutInputCopies()
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
