package dev.millrace.job.config;

import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.schema.wire.SchemaRegistryOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A pipeline as its file describes it: read, typed and free of contradictions. Holds secrets, so it
 * is never printed.
 *
 * @param file where it was read from
 * @param name the pipeline's name
 * @param parallelism empty for Flink's own
 * @param registry present where a format needs it
 * @param releases present with a control topic
 */
public record PipelineConfig(
        Path file,
        String name,
        OptionalInt parallelism,
        Checkpointing checkpointing,
        Source source,
        Format format,
        Optional<SchemaRegistryOptions> registry,
        Model model,
        FeatureSettings features,
        OutputSettings outputs,
        Batching batching,
        EngineOptions engine,
        Sink sink,
        Optional<Releases> releases,
        Map<String, String> adminProperties) {

    public PipelineConfig {
        adminProperties = Map.copyOf(adminProperties);
    }

    @Override
    public String toString() {
        return "pipeline %s (%s)".formatted(name, file);
    }

    public record Checkpointing(Duration interval, Duration timeout) {}

    /**
     * Where records come from.
     *
     * @param properties everything the consumer is configured with, except what Flink sets
     */
    public record Source(
            List<String> topics, String groupId, Start start, Map<String, String> properties) {
        public Source {
            topics = List.copyOf(topics);
            properties = Map.copyOf(properties);
        }

        @Override
        public String toString() {
            return "source " + topics;
        }
    }

    /**
     * Where to start without a checkpoint.
     *
     * @param timestamp present with {@link StartPosition#TIMESTAMP}
     * @param offsets not empty with {@link StartPosition#OFFSETS}
     */
    public record Start(
            StartPosition position,
            StartFallback fallback,
            Optional<Instant> timestamp,
            List<StartOffset> offsets) {
        public Start {
            offsets = List.copyOf(offsets);
        }
    }

    public record StartOffset(String topic, int partition, long offset) {}

    /**
     * How values are encoded.
     *
     * @param schemaFile present with Avro formats without a registry
     * @param subject where the registry has the schema that no file gives
     * @param line where the pipeline's file says it
     */
    public record Format(ValueFormat type, Optional<Path> schemaFile, String subject, int line) {}

    /**
     * The model's file and identity.
     *
     * @param version empty for one that follows from the file's contents
     * @param line where the pipeline's file says it
     */
    public record Model(Path file, String name, Optional<String> version, int line) {}

    public record Batching(int maxBatchSize, Duration linger, Optional<Duration> targetLatency) {}

    /**
     * How model releases reach the pipeline.
     *
     * @param topic the control topic
     * @param shadowTopic where shadow scores go
     * @param timeout how long a release may take to be voted on
     * @param locations addresses of folders that artifacts may come from; none for any
     */
    public record Releases(
            String topic, String shadowTopic, Duration timeout, List<String> locations) {}

    /**
     * Where scored records and dead letters go.
     *
     * @param properties everything the producer is configured with, except what Flink sets
     */
    public record Sink(
            String topic,
            ScoredFormat format,
            String deadLetterTopic,
            Delivery delivery,
            Duration transactionTimeout,
            String transactionalIdPrefix,
            Partitioning partitioning,
            List<String> keepHeaders,
            boolean traceHeaders,
            boolean provenanceHeader,
            boolean createTopics,
            Map<String, String> properties) {
        public Sink {
            keepHeaders = List.copyOf(keepHeaders);
            properties = Map.copyOf(properties);
        }

        @Override
        public String toString() {
            return "sink " + topic;
        }
    }
}
