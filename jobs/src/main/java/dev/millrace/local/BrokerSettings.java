package dev.millrace.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The settings of a single-node broker, remembered in its data directory, so that a broker started
 * on the same directory later, by this process or another, has the same ports.
 *
 * @param directory the data directory
 * @param port where clients connect
 * @param controllerPort where the broker's controller listens
 * @param overrides broker properties that win over those of {@link #properties()}
 */
record BrokerSettings(Path directory, int port, int controllerPort, Map<String, String> overrides) {
    static final int NODE_ID = 1;
    static final String CONTROLLER_LISTENER = "CONTROLLER";
    private static final String HOST = "127.0.0.1";
    private static final String PORTS_FILE = "millrace-ports";

    BrokerSettings {
        overrides = Map.copyOf(overrides);
    }

    /** The ports of the last broker on this directory where they are still free, else new ones. */
    static BrokerSettings of(Path directory, Map<String, String> overrides) {
        try {
            Files.createDirectories(directory);
            Path portsFile = directory.resolve(PORTS_FILE);
            if (Files.exists(portsFile)) {
                String[] ports = Files.readString(portsFile).strip().split(" ", 2);
                int port = Integer.parseInt(ports[0]);
                int controllerPort = Integer.parseInt(ports[1]);
                if (isFree(port) && isFree(controllerPort)) {
                    return new BrokerSettings(directory, port, controllerPort, overrides);
                }
            }
            BrokerSettings settings = withNewPorts(directory, overrides);
            Files.writeString(portsFile, settings.port() + " " + settings.controllerPort() + "\n");
            return settings;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot prepare the broker's directory " + directory, e);
        }
    }

    String bootstrapServers() {
        return HOST + ":" + port;
    }

    /** A broker for one machine: small thread pools, one replica of everything, no retention. */
    Properties properties() {
        Map<String, String> settings = new TreeMap<>();
        settings.put("process.roles", "broker,controller");
        settings.put("node.id", Integer.toString(NODE_ID));
        settings.put("controller.quorum.voters", NODE_ID + "@" + HOST + ":" + controllerPort);
        settings.put("controller.listener.names", CONTROLLER_LISTENER);
        settings.put(
                "listeners",
                "PLAINTEXT://%s:%d,%s://%s:%d"
                        .formatted(HOST, port, CONTROLLER_LISTENER, HOST, controllerPort));
        settings.put("advertised.listeners", "PLAINTEXT://" + bootstrapServers());
        settings.put(
                "listener.security.protocol.map",
                "PLAINTEXT:PLAINTEXT," + CONTROLLER_LISTENER + ":PLAINTEXT");
        settings.put("log.dirs", directory.toString());
        settings.put("auto.create.topics.enable", "false");
        for (String coordinator :
                new String[] {
                    "offsets.topic", "transaction.state.log", "share.coordinator.state.topic"
                }) {
            settings.put(coordinator + ".replication.factor", "1");
            settings.put(coordinator + ".num.partitions", "1");
        }
        settings.put("transaction.state.log.min.isr", "1");
        settings.put("share.coordinator.state.topic.min.isr", "1");
        settings.put("group.initial.rebalance.delay.ms", "0");
        settings.put("num.network.threads", "2");
        settings.put("num.io.threads", "2");
        settings.put("background.threads", "2");
        settings.put("log.cleaner.dedupe.buffer.size", "2097152");
        settings.put("log.retention.ms", "-1");
        // After a killed process the next broker has to wait until this one's session is over.
        settings.put("broker.session.timeout.ms", "6000");
        settings.put("broker.heartbeat.interval.ms", "1000");
        settings.putAll(overrides);
        Properties properties = new Properties();
        properties.putAll(settings);
        return properties;
    }

    @Override
    public String toString() {
        return "Kafka broker at %s with its data in %s%s"
                .formatted(
                        bootstrapServers(),
                        directory,
                        overrides.isEmpty()
                                ? ""
                                : overrides.entrySet().stream()
                                        .map(entry -> entry.getKey() + "=" + entry.getValue())
                                        .sorted()
                                        .collect(Collectors.joining(", ", " and ", "")));
    }

    private static BrokerSettings withNewPorts(Path directory, Map<String, String> overrides)
            throws IOException {
        try (ServerSocket first = bind(0);
                ServerSocket second = bind(0)) {
            return new BrokerSettings(
                    directory, first.getLocalPort(), second.getLocalPort(), overrides);
        }
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = bind(port)) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }

    private static ServerSocket bind(int port) throws IOException {
        ServerSocket socket = new ServerSocket();
        try {
            // A broker that was just killed leaves connections behind that must not count.
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }
}
