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
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
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
        PipelineConfig config = PipelineReader.read(pipeline);
        Instant from =
                activeFrom == null
                        ? ReleasePublishing.soon()
                        : OffsetDateTime.parse(activeFrom).toInstant();
        try (ControlTopic topic = ReleasePublishing.open(config)) {
            ModelRelease release = earlier(topic.log().history(), config, from);
            ReleasePublishing.publish(
                    topic, release, Duration.ofSeconds(waitSeconds), spec.commandLine().getOut());
        }
        return 0;
    }

    private ModelRelease earlier(ReleaseHistory history, PipelineConfig config, Instant from)
            throws Exception {
        List<ModelRelease> champions =
                history.accepted().stream()
                        .map(ReleaseHistory.Accepted::release)
                        .filter(release -> release.role() == ReleaseRole.CHAMPION)
                        .toList();
        if (version == null) {
            if (champions.isEmpty()) {
                throw new CommandFailedException(
                        "there is no champion before the present one: nothing was released yet");
            }
            return champions.size() == 1
                    ? own(config, from)
                    : champion(champions.get(champions.size() - 2), from);
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
