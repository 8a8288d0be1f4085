package dev.millrace.local;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.Feature;

/** Kafka's own server, broker and controller in one, in this process. */
final class RaftServer implements AutoCloseable {
    private final KafkaRaftServer server;

    /** Formats the directory if it is new and returns when the broker answers. */
    RaftServer(BrokerSettings settings) {
        format(settings);
        server = new KafkaRaftServer(new KafkaConfig(settings.properties()), Time.SYSTEM);
        try {
            server.startup();
        } catch (RuntimeException e) {
            server.shutdown();
            throw new IllegalStateException("Cannot start the " + settings, e);
        }
    }

    @Override
    public void close() {
        server.shutdown();
        server.awaitShutdown();
    }

    private static void format(BrokerSettings settings) {
        String directory = settings.directory().toString();
        if (Files.exists(settings.directory().resolve("meta.properties"))) {
            return;
        }
        Formatter formatter =
                new Formatter()
                        .setPrintStream(
                                new PrintStream(
                                        OutputStream.nullOutputStream(),
                                        false,
                                        StandardCharsets.UTF_8))
                        .setNodeId(BrokerSettings.NODE_ID)
                        .setClusterId(Uuid.randomUuid().toString())
                        .addDirectory(directory)
                        .setMetadataLogDirectory(directory)
                        .setControllerListenerName(BrokerSettings.CONTROLLER_LISTENER)
                        .setSupportedFeatures(Feature.PRODUCTION_FEATURES)
                        .setIgnoreFormatted(true);
        try {
            formatter.run();
        } catch (Exception e) {
            throw new IllegalStateException("Cannot format the directory of the " + settings, e);
        }
    }
}
