package dev.millrace.cli;

import dev.millrace.gpu.engine.ModelArtifact;
import dev.millrace.job.PreparedPipeline;
import dev.millrace.job.config.PipelineConfig;
import dev.millrace.job.config.PipelineReader;
import dev.millrace.job.release.ControlTopic;
import dev.millrace.job.release.ReleaseHistory;
import dev.millrace.schema.ModelIdentity;
import dev.millrace.schema.ModelRelease;
import dev.millrace.schema.ReleaseRole;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Makes an earlier version champion again. */
@Command(
        name = "rollback",
        mixinStandardHelpOptions = true,
        header = "Make an earlier version champion again: one more release.",
        sortOptions = false)
final class RollbackCommand implements Callable<Integer> {
    @Option(
            names = {"-p", "--pipeline"},
            required = true,
            paramLabel = "PIPELINE",
            description = "The pipeline's YAML file.")
    private Path pipeline;

    @Option(
            names = "--to",
            paramLabel = "NAME:VERSION",
            description =
                    "The version, released before or the pipeline's own. Default: the champion"
                            + " before the present one")
    private String version;

    @Option(
            names = "--active-from",
            paramLabel = "TIME",
            description = "The first record timestamp it claims. Default: a minute from now")
    private String activeFrom;

    @Option(
            names = "--wait",
            paramLabel = "SECONDS",
            defaultValue = "150",
            description = "How long to wait for the job's decision. Default: ${DEFAULT-VALUE}")
    private long waitSeconds;

    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        Instant from =
                activeFrom == null
                        ? ReleasePublishing.soon()
                        : ReleasePublishing.activeFrom(spec, activeFrom);
        PipelineConfig config = PipelineReader.read(pipeline);
        PrintWriter out = spec.commandLine().getOut();
        try (ControlTopic topic = ReleasePublishing.open(config)) {
            ReleaseHistory history = topic.log().history();
            ModelRelease release = earlier(history, config, from);
            ReleasePublishing.publish(topic, release, Duration.ofSeconds(waitSeconds), out);
            history.accepted().stream()
                    .map(ReleaseHistory.Accepted::release)
                    .filter(r -> r.role() == ReleaseRole.CHAMPION && r.activeFrom().isAfter(from))
                    .forEach(r -> out.println(takesOver(r)));
        }
        return 0;
    }

    private static String takesOver(ModelRelease later) {
        return "%s:%s was released from %s on and takes over then; release another version from that time on, or roll back again after it"
                .formatted(later.model().name(), later.model().version(), later.activeFrom());
    }

    private ModelRelease earlier(ReleaseHistory history, PipelineConfig config, Instant from)
            throws Exception {
        if (version == null) {
            ReleaseHistory.Span before =
                    history.beforeChampionAt(from.toEpochMilli())
                            .orElseThrow(
                                    () ->
                                            new CommandFailedException(
                                                    "there is no champion before that of %s: no other was released for the time before"
                                                            .formatted(from)));
            return before.champion().isPresent()
                    ? champion(before.champion().get(), from)
                    : own(config, from);
        }
        Optional<ModelRelease> released =
                history.accepted().stream()
                        .map(ReleaseHistory.Accepted::release)
                        .filter(r -> version.equals(r.model().name() + ":" + r.model().version()))
                        .reduce((first, second) -> second);
        if (released.isPresent()) {
            return champion(released.get(), from);
        }
        ModelRelease own = own(config, from);
        if (version.equals(own.model().name() + ":" + own.model().version())) {
            return own;
        }
        throw new CommandFailedException(
                "%s was never released; 'millrace model releases' lists what was"
                        .formatted(version));
    }

    private static ModelRelease champion(ModelRelease release, Instant from) {
        return release(release.model(), release.artifact(), from, release);
    }

    private static ModelRelease own(PipelineConfig config, Instant from) throws Exception {
        ModelArtifact artifact = PreparedPipeline.of(config).artifact();
        URI address = config.model().file().toAbsolutePath().normalize().toUri();
        return new ModelRelease(
                new ModelIdentity(
                        artifact.version().name(),
                        artifact.version().version(),
                        artifact.version().sha256()),
                address,
                from,
                ReleaseRole.CHAMPION,
                1,
                List.of());
    }

    private static ModelRelease release(
            ModelIdentity model, URI artifact, Instant from, ModelRelease before) {
        return new ModelRelease(
                model, artifact, from, ReleaseRole.CHAMPION, 1, before.goldenVectors());
    }
}
