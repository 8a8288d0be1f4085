package dev.millrace.cli;

import dev.millrace.job.config.ConfigException;
import dev.millrace.job.config.PipelineConfig;
import dev.millrace.job.config.PipelineReader;
import dev.millrace.job.kafka.BrokerUnavailableException;
import dev.millrace.job.kafka.Finding;
import dev.millrace.job.kafka.Topics;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Options of commands that speak to Kafka without running a pipeline. */
final class KafkaConnection {
    @Option(
            names = {"-p", "--pipeline"},
            paramLabel = "PIPELINE",
            description = "Take brokers, client properties, schema and topics from a pipeline.")
    private Path pipeline;

    @Option(
            names = "--bootstrap-servers",
            paramLabel = "HOST:PORT",
            description = "Brokers, where there is no pipeline. Default: localhost:9092")
    private String bootstrapServers;

    @Option(
            names = "--property",
            paramLabel = "KEY=VALUE",
            description = "A Kafka client property; may be given several times.")
    private Map<String, String> properties = new HashMap<>();

    /** The pipeline, where one was named. */
    Optional<PipelineConfig> pipeline() throws ConfigException, IOException {
        return pipeline == null ? Optional.empty() : Optional.of(PipelineReader.read(pipeline));
    }

    /** Whether anybody said which brokers; else they are a guess. */
    boolean namesBrokers() {
        return pipeline != null
                || bootstrapServers != null
                || properties.containsKey("bootstrap.servers");
    }

    /** Client properties: the pipeline's, then those of this command line. */
    Map<String, String> clientProperties(Optional<PipelineConfig> config) {
        Map<String, String> all = new HashMap<>();
        all.put("bootstrap.servers", "localhost:9092");
        config.ifPresent(c -> all.putAll(c.adminProperties()));
        if (bootstrapServers != null) {
            all.put("bootstrap.servers", bootstrapServers);
        }
        all.putAll(properties);
        return all;
    }

    /**
     * Refuses a topic that is not there, at once: clients would wait for it or create it.
     *
     * @param advice what else helps, added to the message
     */
    static void requireTopic(Map<String, String> properties, String topic, String advice)
            throws CommandFailedException {
        Optional<Finding> missing;
        try {
            missing = Topics.missing(properties, topic);
        } catch (BrokerUnavailableException e) {
            throw unavailable(properties, e);
        }
        if (missing.isPresent()) {
            throw new CommandFailedException(
                    "%s. %s%s".formatted(missing.get().message(), missing.get().advice(), advice));
        }
    }

    static CommandFailedException unavailable(
            Map<String, String> properties, BrokerUnavailableException cause) {
        return new CommandFailedException(
                "no answer from %s: %s"
                        .formatted(properties.get("bootstrap.servers"), cause.getMessage()),
                cause);
    }
}
