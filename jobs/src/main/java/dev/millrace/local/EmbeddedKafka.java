package dev.millrace.local;

import java.nio.file.Path;
import java.util.Map;

/**
 * A Kafka broker in this process. Starts in about a second and a half; shares the heap, so a
 * measurement of allocations or of a crash takes a {@link ForkedKafka} instead.
 */
public final class EmbeddedKafka implements KafkaBroker {
    private final BrokerDirectory directory;
    private final BrokerSettings settings;
    private RaftServer server;

    private EmbeddedKafka(BrokerDirectory directory, Map<String, String> overrides) {
        this.directory = directory;
        this.settings = BrokerSettings.of(directory.path(), overrides);
        this.server = new RaftServer(settings);
    }

    /** A broker with a temporary directory, deleted by {@link #close()}. */
    public static EmbeddedKafka onTemporaryDirectory() {
        return onTemporaryDirectory(Map.of());
    }

    /**
     * A broker with a temporary directory, deleted by {@link #close()}.
     *
     * @param overrides broker properties beside the usual ones
     */
    public static EmbeddedKafka onTemporaryDirectory(Map<String, String> overrides) {
        return new EmbeddedKafka(BrokerDirectory.temporaryDirectory(), overrides);
    }

    /** A broker that goes on with the data in a directory, new or left by another broker. */
    public static EmbeddedKafka on(Path directory, Map<String, String> overrides) {
        return new EmbeddedKafka(new BrokerDirectory(directory, false), overrides);
    }

    @Override
    public String bootstrapServers() {
        return settings.bootstrapServers();
    }

    @Override
    public void start() {
        if (server == null) {
            server = new RaftServer(settings);
        }
    }

    @Override
    public void stop() {
        if (server == null) {
            return;
        }
        server.close();
        server = null;
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
}
