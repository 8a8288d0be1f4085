package dev.millrace.cli;

import dev.millrace.local.LocalFlink;
import java.io.IOException;
import java.net.ServerSocket;
import org.apache.flink.configuration.Configuration;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Where metrics are shown to Prometheus. */
final class MetricsPort {
    private static final String NAME = "--metrics-port";
    private static final int LAST = 65_535;

    @Option(
            names = NAME,
            paramLabel = "PORT",
            description =
                    "Show metrics to Prometheus on this port, under /metrics; docs/metrics.md lists"
                            + " them.")
    private Integer port;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    /**
     * Refuses a port that somebody listens at: Flink only logs that its reporter has none, and goes
     * on without metrics.
     */
    void check() throws CommandFailedException {
        if (port == null) {
            return;
        }
        if (port < 1 || port > LAST) {
            throw new ParameterException(
                    spec.commandLine(), "%s must be from 1 to %d: %d".formatted(NAME, LAST, port));
        }
        try (ServerSocket free = new ServerSocket(port)) {
            free.getLocalPort();
        } catch (IOException e) {
            throw new CommandFailedException(
                    "%s %d cannot be had on this machine: %s; name another port, or end what listens there, perhaps another 'millrace score'"
                            .formatted(NAME, port, e.getMessage()),
                    e);
        }
    }

    /** What the cluster must be configured with. */
    Configuration settings() {
        return port == null ? new Configuration() : LocalFlink.prometheus(port);
    }
}
