package dev.millrace.job.release;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.cli.TestingCommand;
import dev.millrace.gpu.engine.ModelArtifact;
import dev.millrace.gpu.testing.TestModels;
import dev.millrace.job.ScoringJob;
import dev.millrace.job.ScoringTopology;
import dev.millrace.job.TestingKafka;
import dev.millrace.job.TestingPipeline;
import dev.millrace.local.LocalFlink;
import dev.millrace.local.LocalMetrics;
import dev.millrace.operator.inference.InferenceMetrics;
import dev.millrace.schema.ModelIdentity;
import dev.millrace.schema.ModelRelease;
import dev.millrace.schema.ReleaseRole;
import dev.millrace.schema.ScoredRecord;
import dev.millrace.schema.ScoredRecordDecoder;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.plugin.DefaultPluginManager;
import org.apache.flink.core.plugin.DirectoryBasedPluginFinder;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Releases that come as they should not: what becomes of each, and that the job goes on scoring as
 * it did. They are published past the command, which would refuse most of them.
 */
class ReleaseFailuresIT {
    private static final int PARTITIONS = 4;
    private static final int PHASE = 1000;
    private static final String CONTROL = "fraud-releases";
    private static final long START = Instant.parse("2026-01-31T00:00:00Z").toEpochMilli();
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @TempDir private Path folder;
    private final LocalMetrics metrics = new LocalMetrics(InferenceMetrics.GROUP);
    private TestingKafka kafka;
    private LocalFlink flink;
    private Path pipeline;
    private JobID job;
    private ControlTopic control;
    private int sent;

    @BeforeEach
    void start() throws Exception {
        kafka = new TestingKafka();
        kafka.createTopic("payments", PARTITIONS);
        pipeline =
                TestingPipeline.write(
                        folder,
                        kafka.bootstrapServers(),
                        "releases:\n  topic: " + CONTROL + "\n  timeout: 20 s\n");
        model("fraud.onnx", 8);
        Configuration settings = metrics.settings();
        settings.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
        flink = LocalFlink.start(1, 2, settings);
    }

    private byte[] model(String name, int hidden) throws Exception {
        byte[] content = TestModels.mlp(15, hidden, 1).content();
        Files.write(folder.resolve(name), content);
        return content;
    }

    private void submit() throws Exception {
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.getExecutionEnvironment(new Configuration());
        environment.setParallelism(2);
        ScoringTopology.build(environment, ScoringJob.prepare(pipeline));
        job = flink.submit(environment);
        control = new ControlTopic(CONTROL, Map.of("bootstrap.servers", kafka.bootstrapServers()));
    }

    @AfterEach
    void stop() {
        control.close();
        flink.close();
        kafka.close();
    }

    private static Instant phase(int phase) {
        return Instant.ofEpochMilli(START + phase * 60_000L);
    }

    /** A phase of records, every tenth of them late, and what scored all records so far. */
    private Map<String, Integer> send(int phase) throws Exception {
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int i = 0; i < PHASE; i++) {
            int in = phase > 0 && i % 10 == 3 ? phase - 1 : phase;
            records.add(
                    new ProducerRecord<>(
                            "payments",
                            sent % PARTITIONS,
                            phase(in).toEpochMilli() + sent * 53L % 60_000,
                            ("card-" + sent % 100).getBytes(UTF_8),
                            TestingPipeline.payment(sent)));
            sent++;
        }
        kafka.send(records);
        List<ConsumerRecord<byte[], byte[]>> scored = kafka.read("scored", sent);
        assertThat(scored).hasSize(sent);
        Map<String, Integer> versions = new TreeMap<>();
        Map<Integer, Long> last = new HashMap<>();
        for (ConsumerRecord<byte[], byte[]> record : scored) {
            ScoredRecord value = ScoredRecordDecoder.decode(record.value());
            versions.merge(value.model().version(), 1, Integer::sum);
            // Swaps keep the order of a partition and lose nothing of it.
            Long before = last.put(value.source().partition(), value.source().offset());
            assertThat(value.source().offset()).isEqualTo(before == null ? 0 : before + 1);
        }
        assertThat(flink.status(job)).isEqualTo(JobStatus.RUNNING);
        return versions;
    }

    private static ModelRelease release(
            String name, int version, String sha256, URI artifact, Instant from) {
        return new ModelRelease(
                new ModelIdentity(name, String.valueOf(version), sha256),
                artifact,
                from,
                ReleaseRole.CHAMPION,
                1,
                List.of());
    }

    private static String sha256(byte[] content) {
        return new ModelArtifact("fraud", "1", content, "test").version().sha256();
    }

    /** A champion whose file is written now. */
    private ModelRelease champion(int version, int phase) throws Exception {
        String name = "v" + version + ".onnx";
        byte[] content = model(name, 2 * version);
        return release(
                "fraud", version, sha256(content), folder.resolve(name).toUri(), phase(phase));
    }

    private ReleaseTopic.Decision decided(ModelRelease release) {
        Optional<ReleaseTopic.Decision> decision = control.await(release, PATIENCE);
        assertThat(decision).as(ReleaseTopic.id(release)).isPresent();
        return decision.get();
    }

    private void accepted(ModelRelease release) {
        ReleaseTopic.Decision decision = decided(release);
        assertThat(decision.accepted()).as(decision.reason()).isTrue();
    }

    private String refused(ModelRelease release) {
        ReleaseTopic.Decision decision = decided(release);
        assertThat(decision.accepted()).isFalse();
        return decision.reason();
    }

    private Object gauge(String name) {
        return metrics.gauge(name).orElseThrow();
    }

    @Test
    void eachHasItsOutcomeAndScoringGoesOn() throws Exception {
        submit();
        assertThat(send(0)).isEqualTo(Map.of("7", PHASE));

        // Malformed: bytes that are no release, a key that is of another, records that say nothing.
        ModelRelease good = champion(8, 1);
        String broken = "release|fraud:6|champion|2026-01-31T00:05:00Z|000000000000";
        publish(broken, new byte[] {1, 2, 3});
        publish("release|fraud:6|champion|at some time", good.toAvro());
        publish("decision|fraud:6", "{\"accepted\": 7}".getBytes(UTF_8));
        publish("hello", new byte[] {4});
        // Unknown model, wrong SHA-256, nothing there, no model.
        ModelRelease unknown =
                release("ranker", 1, good.model().sha256(), good.artifact(), phase(1));
        ModelRelease wrong = release("fraud", 9, "ab".repeat(32), good.artifact(), phase(1));
        URI nowhere = folder.resolve("nowhere.onnx").toUri();
        ModelRelease absent = release("fraud", 10, "cd".repeat(32), nowhere, phase(1));
        Path text = Files.writeString(folder.resolve("text.onnx"), "no model");
        ModelRelease noModel =
                release("fraud", 11, sha256("no model".getBytes(UTF_8)), text.toUri(), phase(1));
        for (ModelRelease release : List.of(unknown, wrong, absent, noModel)) {
            control.publish(release);
        }
        assertThat(refused(unknown)).contains("knows no 'ranker'");
        assertThat(refused(wrong)).contains("has SHA-256 " + good.model().sha256());
        assertThat(refused(absent)).contains("nowhere.onnx cannot be fetched");
        assertThat(refused(noModel)).contains("fraud:11");
        assertThat(control.decision(broken.substring(8)).orElseThrow().reason())
                .startsWith("it cannot be read: ");
        assertThat(control.decision("fraud:6|champion|at some time").orElseThrow().reason())
                .contains("its key says");
        assertThat(send(1)).isEqualTo(Map.of("7", 2 * PHASE));
        assertThat(gauge("releasesRefused")).isEqualTo(6);
        assertThat(gauge("releasesAccepted")).isEqualTo(0);
        assertThat(gauge("releaseMessagesUnreadable")).isEqualTo(2);
        assertThat(gauge("champion")).isEqualTo("fraud:7");

        // Behind what was scored.
        control.publish(good);
        ReleaseTopic.Decision late = decided(good);
        assertThat(late.reason()).contains("were scored before it was known");
        assertThat(Instant.ofEpochMilli(late.earliestMs())).isAfter(phase(1)).isBefore(phase(2));

        // Out of order, and each of them twice.
        ModelRelease fourth = champion(14, 4);
        ModelRelease second = champion(12, 2);
        ModelRelease third = champion(13, 3);
        for (ModelRelease release : List.of(fourth, second, third, second, fourth, third)) {
            control.publish(release);
        }
        accepted(fourth);
        accepted(second);
        accepted(third);
        Map<String, Integer> versions = Map.of();
        for (int phase = 2; phase <= 4; phase++) {
            versions = send(phase);
        }
        int lateOnes = PHASE / 10;
        assertThat(versions)
                .isEqualTo(
                        Map.of(
                                "7",
                                2 * PHASE + lateOnes,
                                "12",
                                PHASE,
                                "13",
                                PHASE,
                                "14",
                                PHASE - lateOnes));
        control.publish(second);
        assertThat(send(4)).containsEntry("12", PHASE);
        assertThat(gauge("releasesAccepted")).isEqualTo(3);
        assertThat(gauge("releasesRefused")).isEqualTo(7);
        assertThat(gauge("releasesPending")).isEqualTo(0);
        assertThat(gauge("champion")).isEqualTo("fraud:14");
        String list = TestingCommand.run("model", "releases", "-p", pipeline.toString()).out();
        assertThat(list)
                .contains("knows no 'ranker'", "it cannot be read", "3 accepted, 7 refused")
                .contains("2 records of the topic are neither release nor vote nor decision");
    }

    private void publish(String key, byte[] value) throws Exception {
        byte[] bytes = key == null ? null : key.getBytes(UTF_8);
        kafka.send(List.of(new ProducerRecord<>(CONTROL, 0, bytes, value)));
    }

    @Test
    void waitsForAnArtifactThatIsUnreachableForAWhile() throws Exception {
        submit();
        send(0);
        // A file that is written late.
        ModelRelease file = champion(8, 1);
        Path path = Path.of(file.artifact());
        Path away = path.resolveSibling("away");
        Files.move(path, away);
        control.publish(file);
        // Records that it claims wait; none is lost.
        CompletableFuture<Map<String, Integer>> sending =
                CompletableFuture.supplyAsync(
                        () -> {
                            try {
                                return send(1);
                            } catch (Exception e) {
                                throw new IllegalStateException(e);
                            }
                        });
        Instant deadline = Instant.now().plus(PATIENCE);
        while (!Integer.valueOf(1).equals(metrics.gauge("releasesPending").orElse(0))) {
            assertThat(Instant.now()).isBefore(deadline);
            LockSupport.parkNanos(1_000_000);
        }
        Files.move(away, path);
        accepted(file);
        assertThat(sending.get()).isEqualTo(Map.of("7", PHASE + PHASE / 10, "8", PHASE * 9 / 10));

        // A file system of Flink's, as S3 is one.
        ModelRelease local = champion(9, 2);
        ModelRelease remote =
                release(
                        "fraud",
                        9,
                        local.model().sha256(),
                        URI.create("forgetful://store" + local.artifact().getPath()),
                        phase(2));
        ForgetfulFileSystemFactory.failNext(5);
        control.publish(remote);
        accepted(remote);
        assertThat(ForgetfulFileSystemFactory.failuresLeft()).isZero();
        assertThat(send(2)).containsEntry("9", PHASE * 9 / 10);
    }

    /** Flink's own plugin for S3, loaded as a TaskManager loads it. */
    @Test
    void fetchesFromAnObjectStoreThatIsAwayForAWhile() throws Exception {
        submit();
        send(0);
        ModelRelease local = champion(8, 1);
        Path plugins = Path.of("target", "plugins");
        assertThat(plugins.resolve("s3-fs-hadoop")).as("copied by the build").isNotEmptyDirectory();
        try (TestingObjectStore store = new TestingObjectStore(folder)) {
            Configuration settings = new Configuration();
            settings.setString("s3.endpoint", store.endpoint());
            settings.setString("s3.endpoint.region", "us-east-1");
            settings.setString("s3.path.style.access", "true");
            settings.setString("s3.access-key", "user");
            settings.setString("s3.secret-key", "secret");
            settings.setString("s3.attempts.maximum", "0");
            settings.setString("s3.retry.limit", "0");
            FileSystem.initialize(
                    settings,
                    new DefaultPluginManager(
                            new DirectoryBasedPluginFinder(plugins).findPlugins(),
                            new String[] {"java.", "javax.", "org.apache.flink.", "org.slf4j"}));
            String key = String.valueOf(Path.of(local.artifact()).getFileName());
            ModelRelease remote =
                    release(
                            "fraud",
                            8,
                            local.model().sha256(),
                            URI.create("s3://models/" + key),
                            phase(1));
            store.failNext(4);
            control.publish(remote);
            accepted(remote);
            assertThat(store.failed()).isEqualTo(4);
            assertThat(send(1)).containsEntry("8", PHASE * 9 / 10);

            ModelRelease absent =
                    release("fraud", 9, "ab".repeat(32), URI.create("s3://models/no"), phase(2));
            control.publish(absent);
            assertThat(refused(absent)).contains("s3://models/no cannot be fetched");
        } finally {
            FileSystem.initialize(new Configuration(), null);
        }
    }

    /** Two versions of 60 bytes each on a device with 100, scored by one task. */
    @Test
    void versionsThatDoNotFitTogetherSwapInOrder() throws Exception {
        Files.write(folder.resolve("fraud.onnx"), CrampedBackend.model(60, 7));
        String yaml = Files.readString(pipeline);
        Files.writeString(pipeline, yaml.replace("name: test", "name: test\n  parallelism: 1"));
        submit();
        send(0);
        byte[] content = CrampedBackend.model(60, 8);
        Path next = Files.write(folder.resolve("v8.onnx"), content);
        ModelRelease eight = release("fraud", 8, sha256(content), next.toUri(), phase(1));
        control.publish(eight);
        accepted(eight);
        Map<String, Integer> versions = send(1);
        assertThat(versions).isEqualTo(Map.of("7", PHASE + PHASE / 10, "8", PHASE * 9 / 10));
        assertThat((long) gauge("versionTurns")).isGreaterThan(1);

        byte[] bad = CrampedBackend.model(60, 0);
        Path failing = Files.write(folder.resolve("v9.onnx"), bad);
        ModelRelease nine = release("fraud", 9, sha256(bad), failing.toUri(), phase(2));
        control.publish(nine);
        assertThat(refused(nine)).contains("it adds nothing");
        assertThat(send(2)).containsEntry("8", 2 * PHASE * 9 / 10 + PHASE / 10);
        assertThat(CrampedBackend.most()).isLessThanOrEqualTo(CrampedBackend.ROOM);
    }
}
