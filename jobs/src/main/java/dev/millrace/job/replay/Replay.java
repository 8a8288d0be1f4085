package dev.millrace.job.replay;

import dev.millrace.gpu.engine.ModelArtifact;
import dev.millrace.job.OriginalRecords;
import dev.millrace.job.PipelineRefusedException;
import dev.millrace.job.PreparedPipeline;
import dev.millrace.job.ScoringTopology;
import dev.millrace.job.config.ConfigException;
import dev.millrace.job.config.PipelineConfig;
import dev.millrace.job.config.PipelineReader;
import dev.millrace.job.config.ValueFormat;
import dev.millrace.job.files.Archive;
import dev.millrace.job.files.ArchiveType;
import dev.millrace.job.files.FileNames;
import dev.millrace.job.files.ScoredFiles;
import dev.millrace.job.kafka.BoundedTopicSource;
import dev.millrace.job.kafka.BrokerUnavailableException;
import dev.millrace.job.kafka.PacedSource;
import dev.millrace.job.kafka.TargetTopics;
import dev.millrace.job.kafka.TopicRange;
import dev.millrace.operator.inference.InferenceMetrics;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceSplit;
import org.apache.flink.core.fs.Path;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** A replay that was held against its files and brokers, ready to be built into a job. */
public final class Replay {
    private final ReplayOptions options;
    private final PreparedPipeline pipeline;
    private final Optional<TopicRange> range;
    private final Optional<Archive> archive;

    private Replay(
            ReplayOptions options,
            PreparedPipeline pipeline,
            Optional<TopicRange> range,
            Optional<Archive> archive) {
        this.options = options;
        this.pipeline = pipeline;
        this.range = range;
        this.archive = archive;
    }

    /**
     * Reads everything a replay needs, fixes the range it reads and creates the topics it writes.
     *
     * @throws WrongUsageException if options contradict each other or the pipeline
     * @throws ConfigException if the pipeline is wrong
     * @throws PipelineRefusedException if topics, files or options do not go together
     */
    public static Replay prepare(ReplayOptions options)
            throws ConfigException, PipelineRefusedException, IOException {
        try {
            options.check();
            PipelineConfig config = PipelineReader.read(options.pipeline);
            if (options.asOf == ReplayOptions.AsOf.LIVE && config.releases().isEmpty()) {
                throw new WrongUsageException(
                        "--as-of live needs 'releases.topic' in " + options.pipeline);
            }
            Optional<Archive> archive =
                    options.inputs.isEmpty()
                            ? Optional.empty()
                            : Optional.of(Archive.of(options.inputs));
            PreparedPipeline pipeline = pipeline(options, config);
            if (archive.isPresent()) {
                pipeline = pipeline.withValues(valuesOf(archive.get().type()));
            }
            Optional<TopicRange> range =
                    archive.isPresent() ? Optional.empty() : Optional.of(range(options, config));
            if (options.outputTopic != null) {
                TargetTopics.prepare(
                        pipeline.config(), range.map(TopicRange::partitions).orElse(1));
            }
            return new Replay(options, pipeline, range, archive);
        } catch (WrongUsageException e) {
            throw e;
        } catch (BrokerUnavailableException | IllegalArgumentException e) {
            throw new PipelineRefusedException("Nothing is replayed: " + e.getMessage());
        }
    }

    private static PreparedPipeline pipeline(ReplayOptions options, PipelineConfig config)
            throws ConfigException, IOException, BrokerUnavailableException {
        PipelineConfig replayed = new ReplayedConfig(config, options).get();
        if (options.outputTopic != null) {
            checkOutput(options, config, replayed);
        }
        if (options.model == null || options.modelFile != null) {
            return PreparedPipeline.of(replayed);
        }
        Optional<ModelArtifact> released = ReleasedModel.find(config, options.model);
        return released.isPresent()
                ? PreparedPipeline.of(replayed, released.get())
                : PreparedPipeline.of(replayed);
    }

    private static void checkOutput(
            ReplayOptions options, PipelineConfig live, PipelineConfig replayed) {
        String topic = options.outputTopic;
        if (!options.intoLive) {
            new LiveTopics(live).refuseAsOutputs(replayed);
        } else if (!topic.equals(live.sink().topic())) {
            throw new WrongUsageException(
                    "--into-live writes into the pipeline's own sink topic, which is '%s' and not '%s'"
                            .formatted(live.sink().topic(), topic));
        }
        if (topic.equals(options.deadLetters)) {
            throw new WrongUsageException("topic '%s' would be read and written".formatted(topic));
        }
    }

    private static ValueFormat valuesOf(ArchiveType type) {
        return switch (type) {
            case AVRO, PARQUET -> ValueFormat.AVRO;
            case JSON -> ValueFormat.JSON;
        };
    }

    private static TopicRange range(ReplayOptions options, PipelineConfig config)
            throws BrokerUnavailableException {
        List<String> topics =
                options.deadLetters == null
                        ? config.source().topics()
                        : List.of(options.deadLetters);
        return TopicRange.resolve(
                config.adminProperties(),
                topics,
                new TopicRange.End(Optional.ofNullable(options.from), options.fromOffsets),
                new TopicRange.End(Optional.ofNullable(options.to), options.toOffsets));
    }

    public PreparedPipeline pipeline() {
        return pipeline;
    }

    /** A name that is the same for replays into the same output: fit for a folder. */
    public String id() {
        return id(pipeline.config().name(), options.outputTopic, options.outputDirectory);
    }

    /** A folder goes by its name and a digest of where it is, however that was written. */
    static String id(String pipeline, String topic, String folder) {
        if (topic != null) {
            return pipeline + "-to-" + plain(topic);
        }
        String where = FileNames.canonical(folder).replaceFirst("/+$", "");
        String name = where.substring(where.lastIndexOf('/') + 1);
        return "%s-to-%s-%08x".formatted(pipeline, plain(name), where.hashCode());
    }

    private static String plain(String name) {
        return name.replaceAll("[^A-Za-z0-9._-]+", "_");
    }

    /** What is replayed, for people. */
    public String input() {
        return range.map(TopicRange::toString)
                .orElseGet(() -> files(archive.orElseThrow().files().size()));
    }

    private static String files(int count) {
        return count == 1 ? "1 file" : "%,d files".formatted(count);
    }

    /** What scores, for people. */
    public String scoredBy() {
        return pipeline.config().releases().isPresent()
                ? "the versions that the release log chooses"
                : pipeline.artifact().version().toString();
    }

    /** Where scored records go, for people. */
    public String output() {
        return options.outputTopic == null
                ? "folder " + options.outputDirectory
                : "topic " + options.outputTopic;
    }

    /**
     * Records of topics at most, bytes of files, as {@link InferenceMetrics#REPLAY_REMAINING}: of
     * the whole replay, also where it goes on.
     */
    public long size() throws IOException {
        return range.isPresent() ? range.get().length() : archive.orElseThrow().bytes();
    }

    /** Adds the replay's graph to an environment. */
    public void build(StreamExecutionEnvironment environment) {
        if (range.isPresent()) {
            build(environment, topicSource(range.get()), new Remaining.OfTopics());
        } else {
            String schema = pipeline.schema().map(Object::toString).orElse("");
            build(
                    environment,
                    archive.orElseThrow().source(schema, options.fields(), options.times()),
                    new Remaining.OfFiles());
        }
    }

    private BoundedTopicSource topicSource(TopicRange topicRange) {
        PipelineConfig.Source source = pipeline.config().source();
        Map<String, String> properties = source.properties();
        return options.deadLetters == null
                ? BoundedTopicSource.of(topicRange, source.groupId(), properties)
                : BoundedTopicSource.of(
                        topicRange, source.groupId(), properties, new OriginalRecords());
    }

    private <S extends SourceSplit, C> void build(
            StreamExecutionEnvironment environment,
            Source<ConsumerRecord<byte[], byte[]>, S, C> source,
            Remaining<S, C> remaining) {
        MeteredSource<ConsumerRecord<byte[], byte[]>, S, C> metered =
                new MeteredSource<>(source, remaining);
        Source<ConsumerRecord<byte[], byte[]>, ?, ?> paced =
                options.rate == null ? metered : new PacedSource<>(metered, options.rate);
        if (options.outputTopic != null) {
            ScoringTopology.build(
                    environment,
                    pipeline,
                    paced,
                    ScoringTopology.Outputs.topics(pipeline.config()),
                    true);
            return;
        }
        Path folder = new Path(options.outputDirectory);
        ScoringTopology.build(
                environment,
                pipeline,
                paced,
                new ScoringTopology.Outputs(
                        ScoredFiles.scored(folder),
                        ScoredFiles.deadLetters(folder),
                        ScoredFiles.scored(new Path(options.outputDirectory + "/shadow"))),
                true);
    }
}
