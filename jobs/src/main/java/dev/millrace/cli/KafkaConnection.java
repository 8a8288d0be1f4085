package dev.millrace.cli;

import dev.millrace.job.config.ConfigException;
import dev.millrace.job.config.PipelineConfig;
import dev.millrace.job.config.PipelineReader;
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

    /** Client properties: the pipeline's, then those of this command line. */
    Map<String, Object> clientProperties(Optional<PipelineConfig> config) {
        Map<String, Object> all = new HashMap<>();
        all.put("bootstrap.servers", "localhost:9092");
        config.ifPresent(c -> all.putAll(c.adminProperties()));
        if (bootstrapServers != null) {
            all.put("bootstrap.servers", bootstrapServers);
        }
        all.putAll(properties);
        return all;
    }
}
