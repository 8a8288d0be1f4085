package dev.millrace.job.replay;

import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.job.config.PipelineConfig;
import java.util.HexFormat;
import java.util.Optional;
import java.util.OptionalInt;

/** A pipeline as a replay runs it: other outputs, maybe another model, engine or size. */
final class ReplayedConfig {
    private static final String SHADOW = ".shadow";
    private static final String DEAD_LETTERS = ".dead-letters";

    private final PipelineConfig config;
    private final ReplayOptions options;

    ReplayedConfig(PipelineConfig config, ReplayOptions options) {
        this.config = config;
        this.options = options;
    }

    PipelineConfig get() {
        return new PipelineConfig(
                config.file(),
                config.name(),
                options.parallelism == null
                        ? config.parallelism()
                        : OptionalInt.of(options.parallelism),
                config.checkpointing(),
                source(),
                config.format(),
                config.registry(),
                model(),
                config.features(),
                config.outputs(),
                batching(),
                engine(),
                sink(),
                releases(),
                config.adminProperties());
    }

    /** Offsets are committed under a group of its own: the live job's must stay. */
    private PipelineConfig.Source source() {
        PipelineConfig.Source source = config.source();
        return new PipelineConfig.Source(
                source.topics(), source.groupId() + suffix(), source.start(), source.properties());
    }

    private PipelineConfig.Model model() {
        if (options.model == null) {
            return config.model();
        }
        int colon = options.model.indexOf(':');
        return new PipelineConfig.Model(
                options.modelFile == null ? config.model().file() : options.modelFile,
                options.model.substring(0, colon),
                Optional.of(options.model.substring(colon + 1)),
                config.model().line());
    }

    private PipelineConfig.Batching batching() {
        return new PipelineConfig.Batching(
                rows(), config.batching().linger(), config.batching().targetLatency());
    }

    private int rows() {
        return options.maxBatchSize == null
                ? config.batching().maxBatchSize()
                : options.maxBatchSize;
    }

    private EngineOptions engine() {
        EngineOptions engine = config.engine();
        return new EngineOptions(
                options.engine == null ? engine.backend() : options.engine,
                rows(),
                engine.slots(),
                engine.precision(),
                engine.device(),
                engine.properties());
    }

    private PipelineConfig.Sink sink() {
        PipelineConfig.Sink sink = config.sink();
        String topic = output();
        return new PipelineConfig.Sink(
                topic,
                sink.format(),
                options.intoLive ? sink.deadLetterTopic() : topic + DEAD_LETTERS,
                sink.delivery(),
                sink.transactionTimeout(),
                sink.transactionalIdPrefix() + suffix(),
                sink.partitioning(),
                sink.keepHeaders(),
                sink.traceHeaders(),
                sink.provenanceHeader(),
                sink.createTopics(),
                sink.properties());
    }

    /** One version for everything needs no log. */
    private Optional<PipelineConfig.Releases> releases() {
        return options.model != null || options.asOf == ReplayOptions.AsOf.NONE
                ? Optional.empty()
                : config.releases()
                        .map(
                                live ->
                                        new PipelineConfig.Releases(
                                                live.topic(),
                                                options.intoLive
                                                        ? live.shadowTopic()
                                                        : output() + SHADOW,
                                                live.timeout(),
                                                live.locations()));
    }

    private String output() {
        return options.outputTopic == null ? options.outputDirectory : options.outputTopic;
    }

    /** The same for the same output, so that a second run ends the first one's transactions. */
    private String suffix() {
        return "-replay-" + HexFormat.of().toHexDigits(output().hashCode());
    }
}
