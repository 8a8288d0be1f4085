package dev.millrace.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.job.DeadLetterHeaders;
import dev.millrace.job.TestingKafka;
import dev.millrace.job.TestingPipeline;
import dev.millrace.schema.ScoredRecordDecoder;
import dev.millrace.schema.SourcePosition;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code flink run} of the built jar on a cluster of separate processes, one of which is killed.
 * Runs after the package phase, which builds both jars.
 */
class StandaloneClusterIT {
    private static final Path JOB_JAR = Path.of("target", "millrace-jobs.jar").toAbsolutePath();
    private static final Path ENGINES =
            Path.of("..", "gpu", "target", "millrace-gpu-lib.jar").toAbsolutePath().normalize();
    private static final Pattern JOB_ID = Pattern.compile("JobID ([0-9a-f]{32})");
    private static final int PARTITIONS = 4;
    private static final int ROUND = 20_000;
    private static final int ROUNDS = 3;
    private static final int BAD_EVERY = 100;

    @TempDir private Path folder;

    @Test
    void scoresEveryRecordOnceAlthoughATaskManagerIsKilled() throws Exception {
        assertThat(JOB_JAR).as("built by the package phase").exists();
        assertThat(ENGINES).as("built by the package phase").exists();
        Path pipelineFolder = Files.createDirectories(folder.resolve("pipeline"));
        try (TestingKafka kafka = new TestingKafka();
                StandaloneCluster cluster = new StandaloneCluster(folder, ENGINES)) {
            kafka.createTopic("payments", PARTITIONS);
            Path pipeline = TestingPipeline.write(pipelineFolder, kafka.bootstrapServers(), "");
            Files.writeString(
                    pipeline,
                    Files.readString(pipeline)
                            .replace("name: test\n", "name: test\n  parallelism: 2\n"));
            Process victim = cluster.startTaskManager();
            cluster.startTaskManager();
            send(kafka, 0);

            String submitted =
                    cluster.client(
                            "run",
                            "-d",
                            "-c",
                            "dev.millrace.job.ScoringJob",
                            JOB_JAR.toString(),
                            pipeline.toString());
            Matcher id = JOB_ID.matcher(submitted);
            assertThat(id.find()).as(submitted).isTrue();
            String job = id.group(1);
            awaitScored(kafka, ROUND / 2);

            // Half of the first round is out; the second is on its way.
            send(kafka, 1);
            StandaloneCluster.kill(victim);
            cluster.awaitJob("restart", job, StandaloneClusterIT::hasRestarted);
            cluster.startTaskManager();
            cluster.awaitJob("job that runs again", job, StandaloneClusterIT::runs);
            send(kafka, 2);
            awaitScored(kafka, ROUND * ROUNDS);

            assertEveryRecordOnce(kafka);
            // The engine's classes came from the cluster's lib folder, not from the job's jar.
            assertThat(cluster.log("taskmanager-1")).doesNotContain("UnsatisfiedLinkError");
            cluster.client("cancel", job);
            cluster.awaitJob("job that ended", job, StandaloneClusterIT::isCancelled);

            cluster.client(
                    "run",
                    "-c",
                    "dev.millrace.job.replay.ReplayJob",
                    JOB_JAR.toString(),
                    pipeline.toString(),
                    "--max-batch-size",
                    "7",
                    "--output-topic",
                    "audit");
            assertThat(byPosition(kafka, "audit")).isEqualTo(byPosition(kafka, "scored"));
        }
    }

    private static boolean isCancelled(JsonNode job) {
        return job.path("state").asText().equals("CANCELED");
    }

    /** The bytes of a topic's scored records by the position of what they score. */
    private static Map<SourcePosition, String> byPosition(TestingKafka kafka, String topic)
            throws Exception {
        Map<SourcePosition, String> records = new HashMap<>();
        for (ConsumerRecord<byte[], byte[]> record : kafka.readToEnd(topic)) {
            records.put(
                    ScoredRecordDecoder.decode(record.value()).source(),
                    HexFormat.of().formatHex(record.value()));
        }
        return records;
    }

    private static boolean hasRestarted(JsonNode job) {
        // Each state of a job with the time when it was entered last; 0 for never.
        return job.at("/timestamps/RESTARTING").asLong() > 0;
    }

    private static boolean runs(JsonNode job) {
        if (!job.path("state").asText().equals("RUNNING")) {
            return false;
        }
        for (JsonNode vertex : job.path("vertices")) {
            if (!vertex.path("status").asText().equals("RUNNING")) {
                return false;
            }
        }
        return true;
    }

    private static void send(TestingKafka kafka, int round) throws Exception {
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int i = 0; i < ROUND; i++) {
            int number = round * ROUND + i;
            byte[] value =
                    number % BAD_EVERY == 7
                            ? new byte[] {1, 2, 3}
                            : TestingPipeline.payment(number);
            records.add(
                    new ProducerRecord<>(
                            "payments",
                            number % PARTITIONS,
                            String.valueOf(number).getBytes(UTF_8),
                            value));
        }
        kafka.send(records);
    }

    /** Waits until so many inputs have come out, as scores or as dead letters. */
    private static void awaitScored(TestingKafka kafka, int inputs) {
        int bad = inputs / BAD_EVERY;
        assertThat(kafka.read("scored", inputs - bad)).hasSizeGreaterThanOrEqualTo(inputs - bad);
        assertThat(kafka.read("scored.dead-letters", bad)).hasSizeGreaterThanOrEqualTo(bad);
    }

    private static void assertEveryRecordOnce(TestingKafka kafka) throws Exception {
        Map<Integer, List<Long>> scored = new TreeMap<>();
        for (ConsumerRecord<byte[], byte[]> record : kafka.readToEnd("scored")) {
            SourcePosition source = ScoredRecordDecoder.decode(record.value()).source();
            scored.computeIfAbsent(source.partition(), p -> new ArrayList<>()).add(source.offset());
        }
        Map<Integer, List<Long>> dead = new HashMap<>();
        for (ConsumerRecord<byte[], byte[]> record : kafka.readToEnd("scored.dead-letters")) {
            dead.computeIfAbsent(
                            Integer.parseInt(header(record, DeadLetterHeaders.PARTITION)),
                            p -> new ArrayList<>())
                    .add(Long.parseLong(header(record, DeadLetterHeaders.OFFSET)));
        }
        for (int partition = 0; partition < PARTITIONS; partition++) {
            List<Long> scoredOffsets = scored.get(partition);
            List<Long> deadOffsets = dead.getOrDefault(partition, List.of());
            assertThat(scoredOffsets).as("order of partition %d", partition).isSorted();
            assertThat(deadOffsets).as("dead letters of partition %d", partition).isSorted();
            List<Long> all = new ArrayList<>(scoredOffsets);
            all.addAll(deadOffsets);
            all.sort(null);
            assertThat(all).as("partition %d", partition).isEqualTo(offsets());
        }
    }

    private static List<Long> offsets() {
        List<Long> offsets = new ArrayList<>();
        for (long offset = 0; offset < ROUND * ROUNDS / PARTITIONS; offset++) {
            offsets.add(offset);
        }
        return offsets;
    }

    private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        return new String(record.headers().lastHeader(name).value(), UTF_8);
    }
}
