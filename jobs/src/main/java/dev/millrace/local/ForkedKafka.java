package dev.millrace.local;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A Kafka broker in a Java process of its own, on this process's class path. It ends with this
 * process, even if that is killed: it watches its standard input.
 */
public final class ForkedKafka implements KafkaBroker {
    private static final long SHUTDOWN_SECONDS = 30;

    private final BrokerDirectory directory;
    private final BrokerSettings settings;
    private final List<String> jvmArguments;
    private Process process;

    private ForkedKafka(
            BrokerDirectory directory, Map<String, String> overrides, List<String> jvmArguments) {
        this.directory = directory;
        this.settings = BrokerSettings.of(directory.path(), overrides);
        this.jvmArguments = List.copyOf(jvmArguments);
        start();
    }

    /**
     * A broker with a temporary directory, deleted by {@link #close()}.
     *
     * @param overrides broker properties beside the usual ones
     * @param jvmArguments for the broker's process, for example {@code -Xmx1g}
     */
    public static ForkedKafka onTemporaryDirectory(
            Map<String, String> overrides, List<String> jvmArguments) {
        return new ForkedKafka(BrokerDirectory.temporaryDirectory(), overrides, jvmArguments);
    }

    /** A broker that goes on with the data in a directory, new or left by another broker. */
    public static ForkedKafka on(
            Path directory, Map<String, String> overrides, List<String> jvmArguments) {
        return new ForkedKafka(new BrokerDirectory(directory, false), overrides, jvmArguments);
    }

    @Override
    public String bootstrapServers() {
        return settings.bootstrapServers();
    }

    /** The process id of the running broker. */
    public long pid() {
        return process.pid();
    }

    @Override
    public void start() {
        if (process != null) {
            return;
        }
        try {
            process =
                    new ProcessBuilder(command())
                            .redirectError(ProcessBuilder.Redirect.appendTo(log().toFile()))
                            .start();
            awaitReady();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot start a process for the " + settings, e);
        }
    }

    @Override
    public void stop() {
        end(false);
    }

    /** Ends the broker as a crash would, without letting it finish anything. */
    public void kill() {
        end(true);
    }

    @Override
    public void close() {
        stop();
        directory.deleteIfTemporary();
    }

    @Override
    public String toString() {
        return settings.toString();
    }

    private void end(boolean forcibly) {
        if (process == null) {
            return;
        }
        try {
            if (forcibly) {
                process.destroyForcibly();
            } else {
                process.getOutputStream().close();
            }
            if (!process.waitFor(SHUTDOWN_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                process.waitFor();
            }
        } catch (IOException e) {
            process.destroyForcibly();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        process = null;
    }

    private List<String> command() {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-XX:+UseParallelGC");
        command.addAll(jvmArguments);
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(BrokerProcess.class.getName());
        command.addAll(BrokerProcess.arguments(settings));
        return command;
    }

    private void awaitReady() throws IOException {
        BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
        String line = output.readLine();
        if (BrokerProcess.READY.equals(line)) {
            return;
        }
        process.destroyForcibly();
        process = null;
        throw new IllegalStateException(
                "The process of the %s ended before it was ready. It said:%n%s"
                        .formatted(settings, Files.readString(log())));
    }

    private Path log() {
        return settings.directory().resolve("millrace-broker.log");
    }
}
