package dev.millrace.cli;

import dev.millrace.cluster.ClusterException;
import dev.millrace.cluster.ClusterJob;
import dev.millrace.cluster.FlinkCluster;
import dev.millrace.job.ScoringJob;
import dev.millrace.job.config.PipelineShipment;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Options of commands that speak to a Flink cluster. */
final class ClusterOptions {
    private static final String JOBS = "millrace-jobs.jar";

    @Option(
            names = "--cluster",
            paramLabel = "URL",
            defaultValue = "${MILLRACE_CLUSTER:-http://localhost:8081}",
            description =
                    "Address of the cluster's Web UI and REST interface. Default: MILLRACE_CLUSTER,"
                            + " else http://localhost:8081. A header Authorization is taken from"
                            + " MILLRACE_CLUSTER_AUTHORIZATION.")
    private String cluster;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "180",
            description =
                    "How long each step may take: a savepoint, a start. Default:"
                            + " ${DEFAULT-VALUE}")
    private int timeoutSeconds;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    FlinkCluster connect() throws ClusterException {
        URI address;
        try {
            address = new URI(cluster);
        } catch (URISyntaxException e) {
            throw usage("--cluster is not an address: " + e.getMessage());
        }
        boolean http = "http".equals(address.getScheme()) || "https".equals(address.getScheme());
        if (!http || address.getHost() == null) {
            throw usage("--cluster takes http://HOST:PORT or https://HOST:PORT, not " + cluster);
        }
        return new FlinkCluster(
                address, Optional.ofNullable(System.getenv(FlinkCluster.AUTHORIZATION)));
    }

    Duration patience() {
        if (timeoutSeconds < 1) {
            throw usage("--timeout must be at least 1: " + timeoutSeconds);
        }
        return Duration.ofSeconds(timeoutSeconds);
    }

    ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    /** The job that a pipeline's name or an id means; a pipeline's file is a slip of the pen. */
    static ClusterJob find(FlinkCluster cluster, String wanted) throws Exception {
        if (wanted.endsWith(".yaml") || wanted.endsWith(".yml")) {
            Path file = Path.of(wanted);
            if (Files.isRegularFile(file)) {
                return cluster.find(PipelineShipment.of(file, OptionalInt.empty()).name());
            }
        }
        return cluster.find(wanted);
    }

    /**
     * The jar that runs on clusters: the one named, or the one beside what this code comes from.
     */
    static Path jobs(Path named) throws CommandFailedException {
        if (named != null) {
            if (!Files.isRegularFile(named)) {
                throw new CommandFailedException("there is no jar " + named);
            }
            return named;
        }
        CodeSource source = ScoringJob.class.getProtectionDomain().getCodeSource();
        Path own = Path.of(source.getLocation().getPath());
        // Beside it also where this code is in a jar: a build has one without what it needs.
        Path jar = own.resolveSibling(JOBS);
        if (!Files.isRegularFile(jar)) {
            throw new CommandFailedException(
                    "there is no %s; ./mvnw package builds it, --jar names another".formatted(jar));
        }
        return jar;
    }
}
