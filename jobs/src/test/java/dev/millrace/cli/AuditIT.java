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
import dev.millrace.schema.RecordDecodingException;
import dev.millrace.schema.ScoredRecord;
import dev.millrace.schema.ScoredRecordDecoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.flink.api.common.JobID;
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

/**
 * A live run with releases, a challenger and a shadow, while its processes are killed and it is
 * rescaled; then replays of it as it was, which must give the same bytes. {@code
 * -Dmillrace.audit.records=1000000} makes it a million records.
 */
class AuditIT {
    private static final int RECORDS = Integer.getInteger("millrace.audit.records", 24_000);
    private static final int PARTITIONS = 4;
    private static final int PHASES = 4;
    private static final int PHASE = RECORDS / PHASES;
    private static final int SENT_AT_ONCE = 20_000;
    private static final long PHASE_MS = Duration.ofHours(1).toMillis();
    private static final long START = Instant.parse("2026-01-31T00:00:00Z").toEpochMilli();

    @TempDir private Path folder;
    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);
    private TestingKafka kafka;
    private LocalFlink flink;
    private Path pipeline;
    private JobID job;
    private int sent;

    @BeforeEach
    void start() throws Exception {
        System.out.println("AuditIT seed " + seed + ", records " + RECORDS);
        kafka = new TestingKafka();
        kafka.createTopic("payments", PARTITIONS);
        pipeline =
                TestingPipeline.write(
                        folder,
                        kafka.bootstrapServers(),
                        "releases:\n  topic: fraud-releases\nengine:\n  backend: cpu\n");
        model("fraud.onnx", 8);
        model("v8.onnx", 12);
        model("v9.onnx", 16);
        model("v10.onnx", 20);
        flink = LocalFlink.start(2, 2, settings());
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

    /** A share of a phase's records, shuffled within it, one in fifty late by some phases. */
    private void send(int phase, int count) throws Exception {
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int in = phase > 0 && i % 50 == 7 ? random.nextInt(phase) : phase;
            records.add(
                    new ProducerRecord<>(
                            "payments",
                            sent % PARTITIONS,
                            START + in * PHASE_MS + random.nextInt((int) PHASE_MS),
                            ("card-" + random.nextInt(500)).getBytes(UTF_8),
                            TestingPipeline.payment(sent)));
            sent++;
            if (records.size() == SENT_AT_ONCE || i == count - 1) {
                kafka.send(records);
                records.clear();
            }
        }
    }

    private void awaitScored() {
        assertThat(kafka.forEach("scored", sent, record -> {})).isEqualTo(sent);
    }

    private Outcome cli(String... arguments) {
        Outcome outcome = TestingCommand.run(arguments);
        assertThat(outcome.exitCode())
                .as("%s%n%s%n%s", List.of(arguments), outcome.out(), outcome.err())
                .isZero();
        return outcome;
    }

    private void release(String version, int phase, String... more) {
        List<String> arguments = new ArrayList<>(List.of("model", "release", "fraud:" + version));
        arguments.addAll(List.of("-p", pipeline.toString(), "--file"));
        arguments.add(folder.resolve("v" + version + ".onnx").toString());
        String from = Instant.ofEpochMilli(START + phase * PHASE_MS).toString();
        arguments.addAll(List.of("--active-from", from));
        arguments.addAll(List.of(more));
        assertThat(cli(arguments.toArray(String[]::new)).out()).contains("Accepted by the job");
    }

    /** What a topic of scored records holds: the bytes of each value as a number. */
    private final class Values {
        private final long[][] hashes = new long[PARTITIONS][RECORDS / PARTITIONS];
        private final Map<String, Integer> versions = new TreeMap<>();
        private long count;

        Values(String topic, long atLeast) {
            kafka.forEach(topic, atLeast, this::add);
        }

        private void add(ConsumerRecord<byte[], byte[]> record) {
            ScoredRecord scored;
            try {
                scored = ScoredRecordDecoder.decode(record.value());
            } catch (RecordDecodingException e) {
                throw new AssertionError(e);
            }
            versions.merge(scored.model().version(), 1, Integer::sum);
            long[] partition = hashes[scored.source().partition()];
            int offset = (int) scored.source().offset();
            assertThat(partition[offset]).as("%s twice", scored.source()).isZero();
            partition[offset] = hash(record.value());
            count++;
        }

        /** FNV-1a; never 0. */
        private static long hash(byte[] value) {
            long hash = 0xcbf29ce484222325L;
            for (byte b : value) {
                hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
            }
            return hash == 0 ? 1 : hash;
        }
    }

    private void live() throws Exception {
        submit(2, null);
        send(0, PHASE);
        awaitScored();
        release("8", 1, "--share", "20%");
        release("9", 1, "--shadow");
        send(1, PHASE / 2);
        // In the middle of it.
        flink.killTaskManager(0);
        send(1, PHASE - PHASE / 2);
        flink.startTaskManager();
        awaitScored();
        String savepoints = folder.resolve("savepoints").toUri().toString();
        submit(4, flink.stopWithSavepoint(job, savepoints, false));
        release("9", 2);
        send(2, PHASE / 2);
        flink.failOverJobManager(job);
        send(2, PHASE - PHASE / 2);
        awaitScored();
        release("10", 3);
        send(3, PHASE / 2);
        flink.killTaskManager(0);
        flink.startTaskManager();
        send(3, RECORDS - sent);
        awaitScored();
        flink.cancel(job);
    }

    private void replay(String topic, String engine, int batch, int parallelism) {
        cli(
                "replay",
                "--as-of",
                "live",
                "--output-topic",
                topic,
                "--engine",
                engine,
                "--max-batch-size",
                String.valueOf(batch),
                "--parallelism",
                String.valueOf(parallelism),
                "--checkpoint-dir",
                folder.resolve("replays").toString(),
                pipeline.toString());
    }

    private String diff(String left, String right, String... more) {
        List<String> arguments = new ArrayList<>(List.of("diff", "-p", pipeline.toString()));
        arguments.addAll(List.of("--left", left, "--right", right));
        arguments.addAll(List.of(more));
        String table = cli(arguments.toArray(String[]::new)).out();
        System.out.println(table);
        return table;
    }

    @Test
    void replaysGiveTheBytesOfTheLiveRun() throws Exception {
        live();
        Values live = new Values("scored", RECORDS);
        assertThat(live.count).isEqualTo(RECORDS);
        assertThat(live.versions.keySet()).containsExactlyInAnyOrder("7", "8", "9", "10");
        System.out.println("Versions of the live run: " + live.versions);

        replay("audit", "cpu", 33, 3);
        Values audit = new Values("audit", RECORDS);
        assertThat(audit.versions).isEqualTo(live.versions);
        assertThat(audit.hashes).isDeepEqualTo(live.hashes);
        String table = diff("scored", "audit", "--max-differences", "0");
        assertThat(table)
                .contains("%,d with equal bits, 0 different".formatted(RECORDS))
                .containsPattern(
                        "exactness left \\{portable=%d\\}, right \\{portable".formatted(RECORDS));

        // What the shadow gave, too. Its topic has as many as the log gives it.
        String shadows = diff("scored.shadow", "audit.shadow", "--max-differences", "0");
        assertThat(shadows).contains(" 0 different").doesNotContain(" 0 records on both sides");

        // ONNX Runtime gives the same bytes in any micro-batch if its check said so at start, and
        // need not give those of the portable engines: the report says which it was.
        replay("ort-1", "onnxruntime", 1024, 2);
        replay("ort-2", "onnxruntime", 57, 3);
        Values first = new Values("ort-1", RECORDS);
        assertThat(first.versions).isEqualTo(live.versions);
        String engines = diff("scored", "ort-1");
        assertThat(engines).contains("exactness left {portable=%d}".formatted(RECORDS));
        String micro = diff("ort-1", "ort-2");
        if (!micro.contains("none=")) {
            assertThat(new Values("ort-2", RECORDS).hashes).isDeepEqualTo(first.hashes);
        }
    }
}
