package dev.millrace.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.cli.TestingCommand.Outcome;
import dev.millrace.gpu.testing.TestModels;
import dev.millrace.job.ScoringJob;
import dev.millrace.job.ScoringTopology;
import dev.millrace.job.TestingKafka;
import dev.millrace.job.TestingPipeline;
import dev.millrace.local.LocalFlink;
import dev.millrace.schema.ScoredRecord;
import dev.millrace.schema.ScoredRecordDecoder;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model team's way through releases, with everything that may happen in between. */
class ReleaseWorkflowIT {
    private static final int PARTITIONS = 4;
    private static final long START = Instant.parse("2026-01-31T00:00:00Z").toEpochMilli();
    private static final int PHASE = 2000;

    @TempDir private Path folder;
    @TempDir private Path elsewhere;
    private TestingKafka kafka;
    private LocalFlink flink;
    private Path pipeline;
    private JobID job;
    private final Random random = new Random(System.nanoTime());
    private int sent;

    @BeforeEach
    void start() throws Exception {
        kafka = new TestingKafka();
        kafka.createTopic("payments", PARTITIONS);
        pipeline =
                TestingPipeline.write(
                        folder,
                        kafka.bootstrapServers(),
                        """
                        releases:
                          topic: fraud-releases
                          timeout: 30 s
                          locations: %s
                        """
                                .formatted(folder.toUri()));
        Files.write(elsewhere.resolve("v8.onnx"), TestModels.mlp(15, 12, 1).content());
        Files.write(folder.resolve("fraud.onnx"), TestModels.mlp(15, 8, 1).content());
        model("v8.onnx", 12);
        model("v9.onnx", 16);
        model("v10.onnx", 20);
        Files.write(folder.resolve("other.onnx"), TestModels.mlp(14, 8, 1).content());
        flink = LocalFlink.start(2, 2, settings());
    }

    /** Released models come from there instead. */
    private void allow(URI folder) throws Exception {
        String yaml = Files.readString(pipeline);
        Files.writeString(pipeline, yaml.replaceAll("locations: .*", "locations: " + folder));
    }

    private void model(String name, int hidden) throws Exception {
        Files.write(folder.resolve(name), TestModels.mlp(15, hidden, 1).content());
    }

    private Configuration settings() {
        Configuration settings = new Configuration();
        settings.set(CheckpointingOptions.CHECKPOINT_STORAGE, "filesystem");
        settings.set(
                CheckpointingOptions.CHECKPOINTS_DIRECTORY,
                folder.resolve("checkpoints").toUri().toString());
        settings.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        settings.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 20);
        return settings;
    }

    @AfterEach
    void stop() {
        flink.close();
        kafka.close();
    }

    private void submit(int parallelism, String savepoint) throws Exception {
        Configuration settings = settings();
        if (savepoint != null) {
            settings.set(StateRecoveryOptions.SAVEPOINT_PATH, savepoint);
        }
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.getExecutionEnvironment(settings);
        environment.setParallelism(parallelism);
        ScoringTopology.build(environment, ScoringJob.prepare(pipeline));
        job = flink.submit(environment);
    }

    /** One phase: records whose timestamps are shuffled within it, some of them late. */
    private void send(int phase) throws Exception {
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int i = 0; i < PHASE; i++) {
            boolean late = phase > 0 && i % 50 == 7;
            long timestamp =
                    START
                            + (late ? random.nextInt(phase) : phase) * 60_000L
                            + random.nextInt(60_000);
            records.add(
                    new ProducerRecord<>(
                            "payments",
                            sent % PARTITIONS,
                            timestamp,
                            ("card-" + random.nextInt(500)).getBytes(UTF_8),
                            TestingPipeline.payment(sent)));
            sent++;
        }
        kafka.send(records);
    }

    private static String phaseStart(int phase) {
        return Instant.ofEpochMilli(START + phase * 60_000L).toString();
    }

    private Outcome cli(int exitCode, String... arguments) {
        Outcome outcome = TestingCommand.run(arguments);
        assertThat(outcome.exitCode())
                .as("%s%n%s%n%s", List.of(arguments), outcome.out(), outcome.err())
                .isEqualTo(exitCode);
        return outcome;
    }

    private Outcome release(
            int exitCode, String version, String file, String from, String... more) {
        List<String> arguments =
                new ArrayList<>(
                        List.of(
                                "model",
                                "release",
                                version,
                                "-p",
                                pipeline.toString(),
                                "--file",
                                folder.resolve(file).toString(),
                                "--active-from",
                                from));
        arguments.addAll(List.of(more));
        return cli(exitCode, arguments.toArray(String[]::new));
    }

    /** Waits until so many are scored and says which versions scored how many. */
    private Map<String, Integer> versions(String topic, int count) throws Exception {
        Map<String, Integer> versions = new TreeMap<>();
        List<ConsumerRecord<byte[], byte[]>> records = kafka.read(topic, count);
        assertThat(records).as(topic).hasSize(count);
        for (ConsumerRecord<byte[], byte[]> record : records) {
            ScoredRecord scored = ScoredRecordDecoder.decode(record.value());
            versions.merge(scored.model().version(), 1, Integer::sum);
        }
        return versions;
    }

    @Test
    void doctorWarnsOfArtifactsFromAnywhere() throws Exception {
        assertThat(cli(0, "doctor", pipeline.toString()).out())
                .contains("artifacts come from [" + folder.toUri());
        String yaml = Files.readString(pipeline).replaceAll(" +locations: .*\n", "");
        Path open = Files.writeString(folder.resolve("open.yaml"), yaml);
        assertThat(cli(0, "doctor", open.toString()).out())
                .contains("whoever can write to 'fraud-releases'", "Set 'releases.locations'");
    }

    @Test
    void releasesShadowsPromotesRollsBackAndAudits() throws Exception {
        submit(2, null);
        send(0);
        versions("scored", sent);

        // Behind what was scored: refused as a whole, and it says what could be taken.
        Outcome late = release(1, "fraud:8", "v8.onnx", phaseStart(0));
        assertThat(late.err()).contains("were scored before it was known", "The earliest time");
        // One that does not fit, one that is not there.
        assertThat(release(1, "fraud:0", "other.onnx", phaseStart(1)).err())
                .contains("it takes", "[14]");
        assertThat(release(1, "fraud:0", "nowhere.onnx", phaseStart(1)).err())
                .contains("cannot be read");
        // One that tasks could read, and may not.
        String outside = elsewhere.resolve("v8.onnx").toString();
        assertThat(release(1, "fraud:8", outside, phaseStart(1)).err())
                .contains(outside, "'releases.locations' allows");

        // A challenger and a shadow from phase 1; the task managers are killed around it.
        release(0, "fraud:8", "v8.onnx", phaseStart(1), "--share", "20%");
        release(0, "fraud:9", "v9.onnx", phaseStart(1), "--shadow");
        send(1);
        flink.killTaskManager(0);
        flink.startTaskManager();
        Map<String, Integer> challenged = versions("scored", sent);
        assertThat(challenged.get("8")).isBetween(PHASE / 10, PHASE * 3 / 10);
        int shadowed = kafka.read("scored.shadow", 1900).size();
        assertThat(shadowed).isBetween(1900, PHASE);
        assertThat(
                        new String(
                                kafka.read("scored.shadow", 1)
                                        .get(0)
                                        .headers()
                                        .lastHeader("millrace.difference")
                                        .value(),
                                UTF_8))
                .startsWith("scores=");
        Outcome shadowDiff =
                cli(
                        0,
                        "diff",
                        "-p",
                        pipeline.toString(),
                        "--left",
                        "scored",
                        "--right",
                        "scored.shadow");
        assertThat(shadowDiff.out()).contains("fraud:7 / fraud:9", "fraud:8 / fraud:9");

        // The shadow is promoted, at another parallelism.
        String savepoint =
                flink.stopWithSavepoint(
                        job, folder.resolve("savepoints").toUri().toString(), false);
        submit(4, savepoint);
        release(0, "fraud:9", "v9.onnx", phaseStart(2));
        send(2);
        flink.failOverJobManager(job);
        versions("scored", sent);

        // And rolled back.
        Outcome rollback =
                cli(
                        0,
                        "rollback",
                        "-p",
                        pipeline.toString(),
                        "--to",
                        "fraud:7",
                        "--active-from",
                        phaseStart(3));
        assertThat(rollback.out()).contains("Accepted by the job");
        send(3);
        Map<String, Integer> all = versions("scored", sent);
        assertThat(all).containsKeys("7", "8", "9");
        assertThat(flink.status(job)).isEqualTo(JobStatus.RUNNING);
        flink.cancel(job);

        String list = cli(0, "model", "releases", "-p", pipeline.toString()).out();
        assertThat(list)
                .contains("fraud:8", "challenger", "20.00%", "refused", "accepted", "shadow");

        // The audit: what was live then, in other micro-batches and tasks, byte for byte.
        cli(
                0,
                "replay",
                "--as-of",
                "live",
                "--output-topic",
                "audit",
                "--max-batch-size",
                "33",
                "--parallelism",
                "3",
                "--checkpoint-dir",
                folder.resolve("replays").toString(),
                pipeline.toString());
        assertThat(versions("audit", sent)).isEqualTo(all);
        Outcome audit =
                cli(
                        0,
                        "diff",
                        "-p",
                        pipeline.toString(),
                        "--left",
                        "scored",
                        "--right",
                        "audit",
                        "--max-differences",
                        "0");
        assertThat(audit.out())
                .contains("%,d with equal bits, 0 different".formatted(sent))
                .contains("fraud:9 / fraud:9");
        Outcome shadows =
                cli(
                        0,
                        "diff",
                        "-p",
                        pipeline.toString(),
                        "--left",
                        "scored.shadow",
                        "--right",
                        "audit.shadow",
                        "--max-differences",
                        "0");
        assertThat(shadows.out()).contains(" 0 different");
    }

    @Test
    void fetchesOverHttpAndWaitsForAnArtifactThatIsAway() throws Exception {
        try (TestingArtifacts server = new TestingArtifacts(folder)) {
            String address = server.address("v10.onnx", 1);
            allow(URI.create(address).resolve("."));
            submit(2, null);
            send(0);
            versions("scored", sent);
            server.failNext(4);
            cli(
                    0,
                    "model",
                    "release",
                    "fraud:10",
                    "-p",
                    pipeline.toString(),
                    "--file",
                    address,
                    "--active-from",
                    phaseStart(1));
            assertThat(server.failures()).isEqualTo(4);
        }
        send(1);
        assertThat(versions("scored", sent).get("10")).isBetween(1900, PHASE);
        flink.cancel(job);
    }
}
