package dev.millrace.endtoend;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.job.ScoringJob;
import dev.millrace.job.ScoringTopology;
import dev.millrace.local.KafkaBroker;
import dev.millrace.local.LocalFlink;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.config.ConfigResource;

/** A pipeline that scores {@link Numbers} with the {@link TestingBackend}. */
final class Lane {
    static final String PIPELINE = "lane";
    static final String INPUT = "input";
    static final String SCORED = "scored";
    static final String DEAD_LETTERS = "dead-letters";

    private final KafkaBroker broker;
    private final Path folder;
    private String delivery = "exactly-once";
    private String adaption = "";

    /** Creates the topic that the pipeline reads; the others it creates itself. */
    Lane(KafkaBroker broker, Path folder, int partitions) throws Exception {
        this.broker = broker;
        this.folder = folder;
        createTopic(INPUT, partitions, Map.of());
        Files.writeString(folder.resolve("schema.avsc"), Numbers.SCHEMA.toString());
        Files.writeString(folder.resolve("model.onnx"), TestingBackend.MODEL);
    }

    static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        return new String(record.headers().lastHeader(name).value(), UTF_8);
    }

    /** Changes what the pipeline promises, when it is started next. */
    void deliver(String guarantee) {
        delivery = guarantee;
    }

    void createTopic(String name, int partitions, Map<String, String> settings) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            NewTopic topic = new NewTopic(name, partitions, (short) 1).configs(settings);
            admin.createTopics(List.of(topic)).all().get();
        }
    }

    void alterTopic(String name, String setting, String value) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            Collection<AlterConfigOp> change =
                    List.of(
                            new AlterConfigOp(
                                    new ConfigEntry(setting, value), AlterConfigOp.OpType.SET));
            ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, name);
            admin.incrementalAlterConfigs(Map.of(topic, change)).all().get();
        }
    }

    /** Starts the pipeline and returns when it runs. */
    JobID start(LocalFlink flink, int parallelism, Optional<String> savepoint) throws Exception {
        Configuration settings = new Configuration();
        savepoint.ifPresent(path -> settings.set(StateRecoveryOptions.SAVEPOINT_PATH, path));
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.getExecutionEnvironment(settings);
        Path file = Files.writeString(folder.resolve("pipeline.yaml"), yaml(parallelism));
        ScoringTopology.build(environment, ScoringJob.prepare(file));
        JobID job = flink.submit(environment);
        Eventually.await("all tasks run", () -> flink.allTasksRun(job));
        return job;
    }

    /** Lets micro-batches adapt to a target, when it is started next. */
    void adapt(Duration targetLatency) {
        adaption = "  target-latency: %d ms\n".formatted(targetLatency.toMillis());
    }

    /** Small micro-batches and short intervals, so that there are many of both. */
    private String yaml(int parallelism) {
        return """
        pipeline:
          name: %s
          parallelism: %d
        kafka:
          bootstrap-servers: %s
        checkpointing:
          interval: 200 ms
        source:
          topics: %s
          start: earliest
          format: avro
          schema-file: schema.avsc
        model:
          file: model.onnx
          version: "1"
        features: [id]
        batching:
          max-batch-size: 64
          linger: 2 ms
        %ssink:
          topic: %s
          delivery-guarantee: %s
        dead-letters:
          topic: %s
        """
                .formatted(
                        PIPELINE,
                        parallelism,
                        broker.bootstrapServers(),
                        INPUT,
                        adaption,
                        SCORED,
                        delivery,
                        DEAD_LETTERS);
    }
}
