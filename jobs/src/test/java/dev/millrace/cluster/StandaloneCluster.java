package dev.millrace.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * A standalone Flink cluster: a JobManager and TaskManagers, each a Java process that starts as
 * Flink's own scripts start it, with nothing on its class path but Flink and {@code
 * millrace-gpu-lib.jar}. Everything they write is under one folder. One thread.
 */
final class StandaloneCluster implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final long POLL_MS = 200;

    /** What a Flink distribution has in its lib folder, of what is on this test's class path. */
    private static final List<String> FLINK_JARS =
            List.of(
                    "flink-",
                    "commons-",
                    "javassist-",
                    "kryo-",
                    "log4j-",
                    "lz4-java-",
                    "minlog-",
                    "objenesis-",
                    "reflectasm-",
                    "slf4j-",
                    "snakeyaml-engine-",
                    "snappy-java-");

    /** Users bring these in their jar. */
    private static final List<String> NOT_FLINK =
            List.of("flink-connector-kafka-", "flink-connector-base-");

    /** As the configuration file of a Flink distribution has them. */
    private static final List<String> OPENED =
            List.of(
                    "--add-exports=java.base/sun.net.util=ALL-UNNAMED",
                    "--add-exports=java.security.jgss/sun.security.krb5=ALL-UNNAMED",
                    "--add-opens=java.base/java.lang=ALL-UNNAMED",
                    "--add-opens=java.base/java.net=ALL-UNNAMED",
                    "--add-opens=java.base/java.io=ALL-UNNAMED",
                    "--add-opens=java.base/java.nio=ALL-UNNAMED",
                    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                    "--add-opens=java.base/java.lang.reflect=ALL-UNNAMED",
                    "--add-opens=java.base/java.text=ALL-UNNAMED",
                    "--add-opens=java.base/java.time=ALL-UNNAMED",
                    "--add-opens=java.base/java.util=ALL-UNNAMED",
                    "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
                    "--add-opens=java.base/java.util.concurrent.atomic=ALL-UNNAMED",
                    "--add-opens=java.base/java.util.concurrent.locks=ALL-UNNAMED");

    private static final String LOGGING =
            """
            rootLogger.level = INFO
            rootLogger.appenderRef.console.ref = console
            appender.console.name = console
            appender.console.type = CONSOLE
            appender.console.layout.type = PatternLayout
            appender.console.layout.pattern = %d %-5p %-40.40c{1} %m%n
            """;

    private final ObjectMapper mapper = new ObjectMapper();
    private final HttpClient http = HttpClient.newHttpClient();
    private final Path folder;
    private final String classPath;
    private final int restPort;
    private final List<Process> taskManagers = new ArrayList<>();
    private final Process jobManager;

    /** Starts a JobManager, and waits until it answers. */
    StandaloneCluster(Path folder, Path engines) {
        this.folder = folder;
        this.classPath = flinkJars() + File.pathSeparator + engines;
        this.restPort = freePort();
        try {
            Files.createDirectories(folder.resolve("conf"));
            Files.writeString(folder.resolve("conf/log4j.properties"), LOGGING);
            Files.writeString(folder.resolve("conf/config.yaml"), settings(freePort()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        jobManager =
                start(
                        "jobmanager",
                        List.of("-Xmx384m"),
                        "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint",
                        List.of("--configDir", folder.resolve("conf").toString()));
        await("the JobManager's REST endpoint", () -> get("/overview").has("taskmanagers"));
    }

    private String settings(int rpcPort) {
        return """
                jobmanager.rpc.address: 127.0.0.1
                jobmanager.bind-host: 127.0.0.1
                jobmanager.rpc.port: %d
                jobmanager.execution.failover-strategy: region
                taskmanager.bind-host: 127.0.0.1
                taskmanager.host: 127.0.0.1
                taskmanager.numberOfTaskSlots: 1
                taskmanager.cpu.cores: 1.0
                taskmanager.memory.framework.heap.size: 128m
                taskmanager.memory.framework.off-heap.size: 128m
                taskmanager.memory.task.heap.size: 256m
                taskmanager.memory.task.off-heap.size: 64m
                taskmanager.memory.managed.size: 16m
                taskmanager.memory.network.min: 32m
                taskmanager.memory.network.max: 32m
                taskmanager.memory.jvm-metaspace.size: 256m
                taskmanager.memory.jvm-overhead.min: 192m
                taskmanager.memory.jvm-overhead.max: 192m
                rest.address: 127.0.0.1
                rest.bind-address: 127.0.0.1
                rest.port: %d
                heartbeat.interval: 1000
                heartbeat.timeout: 8000
                restart-strategy.type: fixed-delay
                restart-strategy.fixed-delay.attempts: 1000
                restart-strategy.fixed-delay.delay: 500 ms
                execution.checkpointing.storage: filesystem
                execution.checkpointing.dir: %s
                blob.storage.directory: %s
                io.tmp.dirs: %s
                """
                .formatted(
                        rpcPort,
                        restPort,
                        folder.resolve("checkpoints").toUri(),
                        folder.resolve("blobs"),
                        folder.resolve("tmp"));
    }

    /** Adds a TaskManager with one slot; returns when the JobManager knows the slot. */
    Process startTaskManager() {
        int before = get("/overview").path("slots-total").asInt();
        Process taskManager =
                start(
                        "taskmanager-" + taskManagers.size(),
                        // What Flink's scripts make of the memory settings above.
                        List.of(
                                "-Xmx384m",
                                "-XX:MaxDirectMemorySize=224m",
                                "-XX:MaxMetaspaceSize=256m",
                                "--add-modules=jdk.incubator.vector"),
                        "org.apache.flink.runtime.taskexecutor.TaskManagerRunner",
                        List.of("--configDir", folder.resolve("conf").toString()));
        taskManagers.add(taskManager);
        await("another slot", () -> get("/overview").path("slots-total").asInt() > before);
        return taskManager;
    }

    /** {@code flink run} and the like: runs Flink's client and returns what it printed. */
    String client(String... arguments) throws InterruptedException {
        Process client =
                start(
                        "client",
                        List.of("-Xmx384m"),
                        "org.apache.flink.client.cli.CliFrontend",
                        List.of(arguments));
        boolean ended = client.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        client.destroyForcibly();
        String output = log("client");
        if (!ended || client.exitValue() != 0) {
            throw new IllegalStateException(
                    "flink %s failed:%n%s".formatted(String.join(" ", arguments), output));
        }
        return output;
    }

    /** {@code --cluster} for the command. */
    String address() {
        return "--cluster=http://127.0.0.1:" + restPort;
    }

    /** The jars that were uploaded and not deleted. */
    List<String> jars() {
        List<String> names = new ArrayList<>();
        get("/jars").path("files").forEach(file -> names.add(file.path("id").asText()));
        return names;
    }

    /** What the JobManager says of a job. */
    JsonNode job(String id) {
        return get("/jobs/" + id);
    }

    /** Waits until the JobManager says something of a job. */
    void awaitJob(String what, String id, Predicate<JsonNode> condition) {
        await(what, () -> condition.test(job(id)));
    }

    /** What a process wrote. */
    String log(String name) {
        try {
            return Files.readString(folder.resolve(name + ".log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Process start(String name, List<String> jvm, String main, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvm);
        command.addAll(OPENED);
        command.add("-Dlog4j.configurationFile=" + folder.resolve("conf/log4j.properties"));
        command.add("-cp");
        command.add(classPath);
        command.add(main);
        command.addAll(arguments);
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve(name + ".log").toFile());
        builder.environment().put("FLINK_CONF_DIR", folder.resolve("conf").toString());
        try {
            return builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private JsonNode get(String path) {
        try {
            HttpResponse<String> answer =
                    http.send(
                            HttpRequest.newBuilder(
                                            URI.create("http://127.0.0.1:" + restPort + path))
                                    .timeout(Duration.ofSeconds(5))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            return mapper.readTree(answer.body());
        } catch (IOException e) {
            // Not there yet, or busy: whoever waits asks again.
            return mapper.createObjectNode();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private interface Condition {
        boolean holds();
    }

    private void await(String what, Condition condition) {
        Instant deadline = Instant.now().plus(PATIENCE);
        while (!condition.holds()) {
            if (Instant.now().isAfter(deadline)) {
                throw new IllegalStateException(
                        "No %s within %s; logs of the cluster:%n%s"
                                .formatted(what, PATIENCE, logs()));
            }
            try {
                TimeUnit.MILLISECONDS.sleep(POLL_MS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }
    }

    private String logs() {
        StringBuilder text = new StringBuilder(log("jobmanager"));
        for (int i = 0; i < taskManagers.size(); i++) {
            text.append(log("taskmanager-" + i));
        }
        return text.toString();
    }

    private static String flinkJars() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> isFlinks(String.valueOf(Path.of(entry).getFileName())))
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static boolean isFlinks(String jar) {
        return FLINK_JARS.stream().anyMatch(jar::startsWith)
                && NOT_FLINK.stream().noneMatch(jar::startsWith)
                && !jar.endsWith("-tests.jar");
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        taskManagers.forEach(StandaloneCluster::kill);
        kill(jobManager);
    }

    /** Ends a process as a crash would and waits until it is gone. */
    static void kill(Process process) {
        process.destroyForcibly().onExit().join();
    }
}
