package dev.millrace.containers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.ContainerNetwork;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.DockerImageName;
import org.testcontainers.utility.MountableFile;

/**
 * What docker-compose.yml starts, by the same images and settings: a broker, ZooKeeper, a
 * JobManager and two TaskManagers. Ports on this machine stay the same for a container's whole
 * life, however often it is killed. The broker's disk is a file system in memory, so that it can be
 * made full.
 */
final class Cluster implements AutoCloseable {
    static final String SECRETS = "/run/millrace";
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final String DISK_BYTES = "400m";

    private final DockerClient docker = DockerClientFactory.lazyClient();
    private final String id = "millrace-test-" + UUID.randomUUID().toString().substring(0, 8);
    private final int kafkaPort = freePort();
    private final int securePort = freePort();
    private final int restPort = freePort();
    private final Network control = Network.newNetwork();
    private final Network data = Network.newNetwork();
    private final List<GenericContainer<?>> started = new ArrayList<>();
    private final List<GenericContainer<?>> taskManagers = new ArrayList<>();
    private final GenericContainer<?> holder;
    private final GenericContainer<?> kafka;
    private final GenericContainer<?> jobManager;

    /**
     * Starts everything.
     *
     * @param secrets key stores and passwords; everybody finds them in {@link #SECRETS}
     */
    Cluster(Path secrets) {
        volume(
                "disk",
                Map.of("type", "tmpfs", "device", "tmpfs", "o", "uid=1000,size=" + DISK_BYTES));
        volume("state", Map.of());
        // A volume in memory lives as long as somebody has it mounted.
        holder = mounted(new GenericContainer<>(Images.KAFKA), "disk", "/data");
        holder.withCommand("sleep", "infinity");
        start(holder);
        kafka = kafka(secrets);
        start(kafka);
        GenericContainer<?> zooKeeper =
                new GenericContainer<>(Images.MILLRACE)
                        .withNetwork(control)
                        .withNetworkAliases("zookeeper")
                        .withCreateContainerCmdModifier(
                                command -> command.withEntrypoint("/opt/millrace/bin/zookeeper"))
                        .waitingFor(Wait.forHealthcheck())
                        .withStartupTimeout(PATIENCE);
        start(zooKeeper);
        jobManager = flink("jobmanager", secrets).withNetworkAliases("jobmanager");
        jobManager.setPortBindings(List.of("127.0.0.1:%d:8081".formatted(restPort)));
        jobManager.withCreateContainerCmdModifier(command -> command.withHostName("jobmanager"));
        start(jobManager);
        attach(jobManager);
        for (int i = 0; i < 2; i++) {
            GenericContainer<?> taskManager = flink("taskmanager", secrets);
            taskManagers.add(taskManager);
            start(taskManager);
            attach(taskManager);
        }
        await("four task slots", () -> rest("/overview").path("slots-total").asInt() == 4);
    }

    private GenericContainer<?> kafka(Path secrets) {
        GenericContainer<?> broker =
                mounted(new GenericContainer<>(Images.KAFKA), "disk", "/var/lib/kafka/data")
                        .withNetwork(data)
                        .withNetworkAliases("kafka")
                        .waitingFor(Wait.forLogMessage(".*Kafka Server started.*", 1))
                        .withStartupTimeout(PATIENCE);
        broker.setPortBindings(
                List.of(
                        "127.0.0.1:%d:29092".formatted(kafkaPort),
                        "127.0.0.1:%d:29094".formatted(securePort)));
        Map<String, String> settings = new HashMap<>();
        settings.put("CLUSTER_ID", "MkU3OEVBNTcwNTJENDM2Qk");
        settings.put("KAFKA_NODE_ID", "1");
        settings.put("KAFKA_PROCESS_ROLES", "broker,controller");
        settings.put("KAFKA_CONTROLLER_LISTENER_NAMES", "CONTROLLER");
        settings.put("KAFKA_CONTROLLER_QUORUM_VOTERS", "1@localhost:9093");
        settings.put(
                "KAFKA_LISTENERS",
                "INSIDE://:9092,SECURE://:9094,CONTROLLER://localhost:9093,HOST://:29092,HOSTSECURE://:29094");
        settings.put(
                "KAFKA_ADVERTISED_LISTENERS",
                "INSIDE://kafka:9092,SECURE://kafka:9094,HOST://localhost:%d,HOSTSECURE://localhost:%d"
                        .formatted(kafkaPort, securePort));
        settings.put(
                "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP",
                "CONTROLLER:PLAINTEXT,INSIDE:PLAINTEXT,HOST:PLAINTEXT,SECURE:SASL_SSL,HOSTSECURE:SASL_SSL");
        settings.put("KAFKA_INTER_BROKER_LISTENER_NAME", "INSIDE");
        settings.put("KAFKA_SASL_ENABLED_MECHANISMS", "PLAIN");
        String users =
                "org.apache.kafka.common.security.plain.PlainLoginModule required user_millrace=\"%s\";"
                        .formatted(Secrets.KAFKA_PASSWORD);
        settings.put("KAFKA_LISTENER_NAME_SECURE_PLAIN_SASL_JAAS_CONFIG", users);
        settings.put("KAFKA_LISTENER_NAME_HOSTSECURE_PLAIN_SASL_JAAS_CONFIG", users);
        settings.put("KAFKA_SSL_KEYSTORE_LOCATION", SECRETS + "/broker.p12");
        settings.put("KAFKA_SSL_KEYSTORE_TYPE", "PKCS12");
        settings.put("KAFKA_SSL_KEYSTORE_PASSWORD", Secrets.STORE_PASSWORD);
        settings.put("KAFKA_SSL_KEY_PASSWORD", Secrets.STORE_PASSWORD);
        settings.put("KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR", "1");
        settings.put("KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR", "1");
        settings.put("KAFKA_TRANSACTION_STATE_LOG_MIN_ISR", "1");
        settings.put("KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS", "4");
        settings.put("KAFKA_TRANSACTION_STATE_LOG_NUM_PARTITIONS", "4");
        settings.put("KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS", "0");
        settings.put("KAFKA_AUTO_CREATE_TOPICS_ENABLE", "false");
        settings.put("KAFKA_LOG_DIRS", "/var/lib/kafka/data");
        settings.put("KAFKA_HEAP_OPTS", "-Xmx384m");
        broker.withEnv(settings);
        return reading(secrets, broker);
    }

    private GenericContainer<?> flink(String role, Path secrets) {
        GenericContainer<?> container =
                mounted(
                        new GenericContainer<>(Images.MILLRACE),
                        "state",
                        "/var/lib/millrace/flink");
        reading(secrets, container);
        return container
                .withNetwork(control)
                .withCommand(role)
                .withEnv("MILLRACE_CHECKPOINT_INTERVAL", "500 ms")
                .withEnv("KAFKA_PASSWORD", Secrets.KAFKA_PASSWORD)
                .withEnv(
                        "FLINK_PROPERTIES",
                        """
                        jobmanager.rpc.address: jobmanager
                        jobmanager.memory.process.size: 1200m
                        taskmanager.memory.process.size: 1500m
                        taskmanager.memory.task.off-heap.size: 256m
                        taskmanager.numberOfTaskSlots: 2
                        high-availability.type: zookeeper
                        high-availability.zookeeper.quorum: zookeeper:2181
                        high-availability.storageDir: file:///var/lib/millrace/flink/ha
                        high-availability.cluster-id: /millrace
                        high-availability.jobmanager.port: 6123
                        heartbeat.interval: 1000
                        heartbeat.timeout: 15000
                        restart-strategy.exponential-delay.max-backoff: 5 s
                        """)
                .waitingFor(Wait.forHealthcheck())
                .withStartupTimeout(PATIENCE);
    }

    /** Copies files to where a container's user can read them. */
    private static GenericContainer<?> reading(Path secrets, GenericContainer<?> container) {
        for (String file : Secrets.FILES) {
            container.withCopyFileToContainer(
                    MountableFile.forHostPath(secrets.resolve(file), 0644), SECRETS + "/" + file);
        }
        return container;
    }

    /** Starts a container of another image in the network of the data. */
    GenericContainer<?> start(DockerImageName image, String alias, int port) {
        GenericContainer<?> container =
                new GenericContainer<>(image)
                        .withNetwork(data)
                        .withNetworkAliases(alias)
                        .withExposedPorts(port)
                        .withStartupTimeout(PATIENCE);
        start(container);
        return container;
    }

    private void start(GenericContainer<?> container) {
        started.add(container);
        container.start();
    }

    private void volume(String name, Map<String, String> options) {
        docker.createVolumeCmd()
                .withName(id + "-" + name)
                .withDriver("local")
                .withDriverOpts(options)
                .exec();
    }

    private GenericContainer<?> mounted(GenericContainer<?> container, String name, String path) {
        return container.withCreateContainerCmdModifier(
                command ->
                        command.getHostConfig()
                                .withBinds(Bind.parse("%s-%s:%s".formatted(id, name, path))));
    }

    // ---- what is there ----

    String bootstrapServers() {
        return "localhost:" + kafkaPort;
    }

    String secureBootstrapServers() {
        return "localhost:" + securePort;
    }

    String address() {
        return "http://localhost:" + restPort;
    }

    GenericContainer<?> kafka() {
        return kafka;
    }

    GenericContainer<?> jobManager() {
        return jobManager;
    }

    GenericContainer<?> taskManager(int index) {
        return taskManagers.get(index);
    }

    /** What every Flink container has written so far. */
    String logs() {
        StringBuilder text = new StringBuilder(jobManager.getLogs());
        taskManagers.forEach(taskManager -> text.append(taskManager.getLogs()));
        return text.toString();
    }

    /** What the REST interface says; an empty object where it does not answer. */
    JsonNode rest(String path) {
        ObjectMapper mapper = new ObjectMapper();
        try {
            return mapper.readTree(text(path));
        } catch (IOException e) {
            return mapper.createObjectNode();
        }
    }

    /** The same, word for word. */
    String text(String path) throws IOException {
        try {
            return HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create(address() + path))
                                    .timeout(Duration.ofSeconds(10))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    /** The sum of the last stable offsets of topics: records that are committed, and markers. */
    long committed(String... topics) {
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(
                        Map.of(
                                "bootstrap.servers", bootstrapServers(),
                                "isolation.level", "read_committed",
                                "allow.auto.create.topics", "false"),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = new ArrayList<>();
            for (String topic : topics) {
                consumer.partitionsFor(topic)
                        .forEach(p -> partitions.add(new TopicPartition(topic, p.partition())));
            }
            return consumer.endOffsets(partitions).values().stream()
                    .mapToLong(Long::longValue)
                    .sum();
        }
    }

    // ---- what goes wrong ----

    /** Ends a container as a crash would. */
    void kill(GenericContainer<?> container) {
        docker.killContainerCmd(container.getContainerId()).withSignal("KILL").exec();
        awaitRunning(container, false);
    }

    /** Starts a container that was ended, with the disk it had. */
    void startAgain(GenericContainer<?> container) {
        docker.startContainerCmd(container.getContainerId()).exec();
        awaitRunning(container, true);
    }

    void awaitRunning(GenericContainer<?> container, boolean running) {
        await(
                running ? "running container" : "ended container",
                () ->
                        Boolean.valueOf(running)
                                .equals(
                                        docker.inspectContainerCmd(container.getContainerId())
                                                .exec()
                                                .getState()
                                                .getRunning()));
    }

    /** Cuts a container off from broker and registry, and from nothing else. */
    void cut(GenericContainer<?> container) {
        docker.disconnectFromNetworkCmd()
                .withContainerId(container.getContainerId())
                .withNetworkId(data.getId())
                .exec();
    }

    /** Connects it again. */
    void attach(GenericContainer<?> container) {
        docker.connectToNetworkCmd()
                .withContainerId(container.getContainerId())
                .withNetworkId(data.getId())
                .withContainerNetwork(new ContainerNetwork())
                .exec();
    }

    /** Leaves the broker no room. */
    void fillDisk() throws IOException, InterruptedException {
        String full =
                holder.execInContainer("dd", "if=/dev/zero", "of=/data/filler", "bs=1M")
                        .getStderr();
        if (!full.contains("No space left")) {
            throw new IllegalStateException("The disk is not full: " + full);
        }
    }

    /** Gives the broker its room back. */
    void freeDisk() throws IOException, InterruptedException {
        holder.execInContainer("rm", "/data/filler");
    }

    interface Condition {
        boolean holds() throws Exception;
    }

    /** Waits; whatever fails while things are broken counts as not yet. */
    void await(String what, Condition condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        Exception last = null;
        while (System.nanoTime() < deadline) {
            try {
                if (condition.holds()) {
                    return;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            } catch (Exception e) {
                last = e;
            }
            LockSupport.parkNanos(250_000_000);
        }
        throw new AssertionError("No %s within %s".formatted(what, PATIENCE), last);
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        for (int i = started.size() - 1; i >= 0; i--) {
            started.get(i).stop();
        }
        control.close();
        data.close();
        for (String name : List.of("disk", "state")) {
            docker.removeVolumeCmd(id + "-" + name).exec();
        }
    }
}
