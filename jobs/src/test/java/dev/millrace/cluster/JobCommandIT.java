package dev.millrace.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.cli.TestingCommand;
import dev.millrace.cli.TestingCommand.Outcome;
import dev.millrace.job.TestingKafka;
import dev.millrace.job.TestingPipeline;
import dev.millrace.schema.ScoredRecordDecoder;
import dev.millrace.schema.SourcePosition;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A pipeline's life on a cluster of separate processes, by {@code millrace job} alone. Runs after
 * the package phase, which builds both jars.
 */
class JobCommandIT {
    private static final Path ENGINES =
            Path.of("..", "gpu", "target", "millrace-gpu-lib.jar").toAbsolutePath().normalize();
    private static final int PARTITIONS = 4;
    private static final int ROUND = 4_000;

    @TempDir private Path folder;

    @Test
    void submitsListsUpgradesGoesBackAndCancels() throws Exception {
        try (TestingKafka kafka = new TestingKafka();
                StandaloneCluster cluster = new StandaloneCluster(folder, ENGINES)) {
            cluster.startTaskManager();
            cluster.startTaskManager();
            Path first = pipeline("first", kafka, "1");
            String address = cluster.address();

            // The topic is missing: the refusal comes from the cluster, and nothing stays there.
            Outcome refused = millrace("submit", first.toString(), address);
            assertThat(refused.exitCode()).isEqualTo(1);
            assertThat(refused.err()).contains("payments").doesNotContain("\tat ");
            assertThat(millrace("list", address).out()).contains("No job runs");

            kafka.createTopic("payments", PARTITIONS);
            send(kafka, 0);
            Outcome submitted = millrace("submit", first.toString(), address);
            assertThat(submitted.err()).isEmpty();
            assertThat(submitted.exitCode()).isZero();
            assertThat(submitted.out()).contains("'test' runs").contains("/#/job/running/");
            assertThat(millrace("list", address).out()).contains("millrace test", "RUNNING");

            Outcome again = millrace("submit", first.toString(), address);
            assertThat(again.exitCode()).isEqualTo(1);
            assertThat(again.err()).contains("runs already");
            Outcome nameless = millrace("savepoint", "tset", address);
            assertThat(nameless.exitCode()).isEqualTo(1);
            assertThat(nameless.err()).contains("no job 'tset'").contains("'millrace test'");
            Outcome nowhere = millrace("savepoint", "test", address);
            assertThat(nowhere.exitCode()).isEqualTo(1);
            assertThat(nowhere.err()).contains("target-directory");

            String savepoints = folder.resolve("savepoints").toUri().toString();
            Outcome taken = millrace("savepoint", "test", address, "--directory=" + savepoints);
            assertThat(taken.exitCode()).as(taken.err()).isZero();
            assertThat(taken.out()).contains("savepoint-");

            // Another model version on two tasks.
            send(kafka, 1);
            Path second = pipeline("second", kafka, "2");
            Outcome upgraded =
                    millrace(
                            "upgrade",
                            second.toString(),
                            address,
                            "--parallelism=2",
                            "--savepoint-directory=" + savepoints);
            assertThat(upgraded.err()).isEmpty();
            assertThat(upgraded.exitCode()).isZero();
            send(kafka, 2);

            // One that needs more tasks than there are slots: back to the version before it.
            Outcome impossible =
                    millrace(
                            "upgrade",
                            pipeline("third", kafka, "3").toString(),
                            address,
                            "--parallelism=3",
                            "--timeout=15",
                            "--savepoint-directory=" + savepoints);
            assertThat(impossible.exitCode()).isEqualTo(1);
            assertThat(impossible.err())
                    .contains("2 task slots", "The old version runs again from the same savepoint");
            send(kafka, 3);

            assertEveryRecordOnce(kafka, 4 * ROUND);
            Outcome cancelled = millrace("cancel", second.toString(), address);
            assertThat(cancelled.exitCode()).as(cancelled.err()).isZero();
            assertThat(millrace("list", address).out()).contains("No job runs");
            assertThat(millrace("list", address, "--all", "--output=json").out())
                    .contains("\"state\":\"CANCELED\"");
            assertThat(cluster.jars()).as("jars left on the cluster").isEmpty();
        }
    }

    @Test
    void saysThatNoClusterIsThere() throws Exception {
        int port;
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        Outcome outcome = millrace("list", "--cluster=http://localhost:" + port);
        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.err())
                .contains("no Flink cluster answers at http://localhost:" + port)
                .contains("--cluster");
        Outcome wrong = millrace("list", "--cluster=localhost:" + port);
        assertThat(wrong.exitCode()).isEqualTo(2);
    }

    private static Outcome millrace(String command, String... arguments) {
        List<String> all = new ArrayList<>(List.of("job", command));
        all.addAll(List.of(arguments));
        return TestingCommand.run(all.toArray(String[]::new));
    }

    private Path pipeline(String name, TestingKafka kafka, String version) throws IOException {
        Path file =
                TestingPipeline.write(
                        Files.createDirectories(folder.resolve(name)),
                        kafka.bootstrapServers(),
                        "");
        return Files.writeString(
                file,
                Files.readString(file)
                        .replace("version: \"7\"", "version: \"%s\"".formatted(version)));
    }

    private static void send(TestingKafka kafka, int round) throws Exception {
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int number = round * ROUND; number < (round + 1) * ROUND; number++) {
            records.add(
                    new ProducerRecord<>(
                            "payments",
                            number % PARTITIONS,
                            String.valueOf(number).getBytes(UTF_8),
                            TestingPipeline.payment(number)));
        }
        kafka.send(records);
    }

    private static void assertEveryRecordOnce(TestingKafka kafka, int count) throws Exception {
        assertThat(kafka.read("scored", count)).hasSizeGreaterThanOrEqualTo(count);
        Map<Integer, List<Long>> offsets = new TreeMap<>();
        Map<String, Integer> versions = new TreeMap<>();
        for (ConsumerRecord<byte[], byte[]> record : kafka.readToEnd("scored")) {
            var scored = ScoredRecordDecoder.decode(record.value());
            SourcePosition source = scored.source();
            offsets.computeIfAbsent(source.partition(), p -> new ArrayList<>())
                    .add(source.offset());
            versions.merge(scored.model().version(), 1, Integer::sum);
        }
        for (int partition = 0; partition < PARTITIONS; partition++) {
            List<Long> expected = new ArrayList<>();
            for (long offset = 0; offset < count / PARTITIONS; offset++) {
                expected.add(offset);
            }
            assertThat(offsets.get(partition)).as("partition %d", partition).isEqualTo(expected);
        }
        assertThat(versions).containsOnlyKeys("1", "2");
    }
}
