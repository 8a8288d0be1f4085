package dev.millrace.containers;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.cli.TestingCommand;
import dev.millrace.cli.TestingCommand.Outcome;
import dev.millrace.local.demo.GeneratorSummary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.DockerClientFactory;

/**
 * The fraud pipeline on containers, submitted by {@code millrace job}, while they are killed, cut
 * off and starved. After each trouble every record has come out once and in order, those of the
 * tests before included: topics and job stay the same from test to test.
 */
@Tag("containers")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ContainersIT {
    private static final Path PIPELINE = Path.of("..", "docker", "fraud", "pipeline.yaml");
    private static final Path MODEL =
            Path.of("src", "main", "resources", "dev", "millrace", "demo");

    @TempDir private static Path folder;
    private static Cluster cluster;

    @BeforeAll
    static void startEverything() throws Exception {
        assumeTrue(DockerClientFactory.instance().isDockerAvailable(), "Docker is not here");
        assumeTrue(Images.isHere(Images.MILLRACE), Images.MILLRACE + " is not built");
        cluster = new Cluster(Secrets.write(Files.createDirectories(folder.resolve("secrets"))));
        Load.createTopics(cluster);
        Outcome submitted = job("submit", pipeline("1").toString());
        assertThat(submitted.err()).isEmpty();
        assertThat(submitted.exitCode()).isZero();
        assertThat(submitted.out()).contains("'card-fraud' runs");
    }

    @AfterAll
    static void stopEverything() throws Exception {
        if (cluster != null) {
            Files.writeString(Path.of("target", "containers.log"), cluster.logs());
            cluster.close();
        }
    }

    @AfterEach
    void theJobRuns() {
        cluster.await("running job", () -> runs("millrace card-fraud"));
    }

    private interface Trouble {
        void happens() throws Exception;
    }

    /** Lets transactions flow, makes trouble, and accounts for every record when it is over. */
    private static void during(Trouble trouble) throws Exception {
        try (Load load = new Load(cluster)) {
            load.awaitScoring();
            trouble.happens();
            load.awaitScoring();
            GeneratorSummary summary = load.finish();
            assertThat(summary.holds()).as(summary.sentence()).isTrue();
            assertThat(summary.submitted()).isPositive();
        }
    }

    @Test
    @Order(1)
    void survivesAKilledTaskManager() throws Exception {
        during(
                () -> {
                    cluster.kill(cluster.taskManager(0));
                    cluster.startAgain(cluster.taskManager(0));
                });
    }

    @Test
    @Order(2)
    void survivesAKilledJobManager() throws Exception {
        during(
                () -> {
                    cluster.kill(cluster.jobManager());
                    cluster.startAgain(cluster.jobManager());
                });
    }

    @Test
    @Order(3)
    void survivesANetworkCutBetweenTaskManagerAndBroker() throws Exception {
        during(
                () -> {
                    long before = cluster.committed("transactions.scored");
                    cluster.cut(cluster.taskManager(0));
                    cluster.cut(cluster.taskManager(1));
                    // Cut for as long as it takes to be noticed: checkpoints cannot complete.
                    long[] quiet = {before, System.nanoTime()};
                    cluster.await(
                            "silence",
                            () -> {
                                long now = cluster.committed("transactions.scored");
                                if (now != quiet[0]) {
                                    quiet[0] = now;
                                    quiet[1] = System.nanoTime();
                                }
                                return System.nanoTime() - quiet[1] > 10_000_000_000L;
                            });
                    cluster.attach(cluster.taskManager(0));
                    cluster.attach(cluster.taskManager(1));
                });
    }

    @Test
    @Order(4)
    void survivesARestartedBroker() throws Exception {
        during(
                () -> {
                    cluster.kill(cluster.kafka());
                    cluster.startAgain(cluster.kafka());
                });
    }

    @Test
    @Order(5)
    void survivesABrokerWithoutRoomOnItsDisk() throws Exception {
        during(
                () -> {
                    cluster.fillDisk();
                    // A broker that cannot write its log ends itself.
                    cluster.awaitRunning(cluster.kafka(), false);
                    cluster.freeDisk();
                    cluster.startAgain(cluster.kafka());
                });
    }

    @Test
    @Order(6)
    void upgradesToAnotherParallelismAndModel() throws Exception {
        during(
                () -> {
                    Outcome upgraded = job("upgrade", pipeline("2").toString(), "--parallelism=1");
                    assertThat(upgraded.err()).isEmpty();
                    assertThat(upgraded.exitCode()).isZero();
                });
        String page = cluster.text("/jobs/" + id("millrace card-fraud"));
        assertThat(page).contains("\"parallelism\":1").doesNotContain("\"parallelism\":2");
    }

    @Test
    @Order(7)
    void signsInToABrokerWithSecretsThatShowNowhere() throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", cluster.bootstrapServers()))) {
            admin.createTopics(List.of(new NewTopic("secure", 1, (short) 1))).all().get();
        }
        Path file = pipeline("1");
        Files.writeString(
                file,
                Files.readString(file)
                        .replace("name: card-fraud", "name: secure")
                        .replace("topics: transactions", "topics: secure")
                        .replace("topic: transactions.", "topic: secure.")
                        .replace(
                                "bootstrap-servers: ${MILLRACE_BOOTSTRAP_SERVERS:-kafka:9092}",
                                """
                                bootstrap-servers: kafka:9094
                                  properties:
                                    security.protocol: SASL_SSL
                                    sasl.mechanism: PLAIN
                                    sasl.jaas.config: org.apache.kafka.common.security.plain.PlainLoginModule required username="millrace" password="${KAFKA_PASSWORD}";
                                    ssl.truststore.type: PKCS12
                                    ssl.truststore.location: /run/millrace/trust.p12
                                    ssl.truststore.password: ${file:/run/millrace/trust-password}\
                                """));
        Outcome submitted = job("submit", file.toString(), "--parallelism=1");
        assertThat(submitted.err()).isEmpty();
        assertThat(submitted.exitCode()).isZero();
        String id = id("millrace secure");
        send("secure", new byte[] {1, 2, 3});
        cluster.await(
                "dead letter over the secured listener",
                () -> cluster.committed("secure.dead-letters") > 0);
        for (String path :
                List.of(
                        "/jobs/" + id,
                        "/jobs/" + id + "/config",
                        "/jobs/" + id + "/plan",
                        "/jobs/" + id + "/checkpoints/config",
                        "/jobs/" + id + "/exceptions",
                        "/jobmanager/config",
                        "/jars")) {
            assertNoSecret(path, cluster.text(path));
        }
        assertNoSecret("logs", cluster.logs());
        assertThat(job("cancel", "secure").exitCode()).isZero();
    }

    private static void assertNoSecret(String where, String text) {
        assertThat(text)
                .as(where)
                .doesNotContain(Secrets.KAFKA_PASSWORD)
                .doesNotContain(Secrets.STORE_PASSWORD);
    }

    @Test
    @Order(8)
    void readsWhatARegistrySaysWhileASchemaEvolves() throws Exception {
        assumeTrue(Images.isHere(Images.REGISTRY), Images.REGISTRY + " is not here");
        new SchemaEvolution(cluster, folder, MODEL).run();
    }

    static void send(String topic, byte[]... values) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(
                        Map.of("bootstrap.servers", cluster.bootstrapServers()),
                        new ByteArraySerializer(),
                        new ByteArraySerializer())) {
            for (byte[] value : values) {
                producer.send(new ProducerRecord<>(topic, "key".getBytes(UTF_8), value)).get();
            }
        }
    }

    static Outcome job(String command, String... arguments) {
        String[] all = new String[arguments.length + 4];
        all[0] = "job";
        all[1] = command;
        System.arraycopy(arguments, 0, all, 2, arguments.length);
        all[all.length - 2] = "--cluster=" + cluster.address();
        all[all.length - 1] = "--timeout=240";
        return TestingCommand.run(all);
    }

    private static boolean runs(String name) {
        for (var job : cluster.rest("/jobs/overview").path("jobs")) {
            if (job.path("name").asText().equals(name)
                    && job.path("state").asText().equals("RUNNING")) {
                return job.path("tasks").path("running").asInt()
                        == job.path("tasks").path("total").asInt();
            }
        }
        return false;
    }

    private static String id(String name) {
        for (var job : cluster.rest("/jobs/overview").path("jobs")) {
            if (job.path("name").asText().equals(name)
                    && job.path("state").asText().equals("RUNNING")) {
                return job.path("jid").asText();
            }
        }
        throw new AssertionError("No job " + name);
    }

    /**
     * The pipeline of docker-compose.yml with another model version, in a folder with its files.
     */
    private static Path pipeline(String version) throws IOException {
        Path target = Files.createDirectories(folder.resolve("version-" + version));
        for (String file : List.of("fraud.onnx", "transaction.avsc")) {
            Files.copy(
                    MODEL.resolve(file), target.resolve(file), StandardCopyOption.REPLACE_EXISTING);
        }
        return Files.writeString(
                target.resolve("pipeline.yaml"),
                Files.readString(PIPELINE)
                        .replace("version: \"1\"", "version: \"" + version + "\""));
    }
}
