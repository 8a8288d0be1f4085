package dev.millrace.cli;

import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.ModelArtifact;
import dev.millrace.job.config.PipelineConfig;
import dev.millrace.job.config.PipelineReader;
import dev.millrace.job.release.ArtifactLocations;
import dev.millrace.job.release.ControlTopic;
import dev.millrace.job.release.GoldenVectors;
import dev.millrace.job.release.ReleaseLoader;
import dev.millrace.schema.GoldenVector;
import dev.millrace.schema.ModelIdentity;
import dev.millrace.schema.ModelRelease;
import dev.millrace.schema.ReleaseRole;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Announces a model version to a running pipeline. */
@Command(
        name = "release",
        mixinStandardHelpOptions = true,
        header = "Let a model version serve from a point in record time.",
        description = {
            "Publishes a release to the pipeline's control topic. The running job loads the"
                    + " version, checks its SHA-256, inputs, outputs and golden vectors, and"
                    + " accepts it if no record that it claims was scored before; or refuses it and"
                    + " goes on as it was.",
            ""
        },
        sortOptions = false)
final class ModelReleaseCommand implements Callable<Integer> {
    @Parameters(paramLabel = "NAME:VERSION", description = "The version to release.")
    private String model;

    @Option(
            names = {"-p", "--pipeline"},
            required = true,
            paramLabel = "PIPELINE",
            description = "The pipeline's YAML file.")
    private Path pipeline;

    @Option(
            names = "--file",
            required = true,
            paramLabel = "PATH|URI",
            description =
                    "The ONNX file, where the job's tasks can read it: a path, http(s) or a file"
                            + " system that Flink knows.")
    private String file;

    @Option(
            names = "--active-from",
            paramLabel = "TIME",
            description =
                    "The first record timestamp it claims, for example 2026-02-01T00:00Z. Default:"
                            + " a minute from now")
    private String activeFrom;

    @Option(
            names = "--share",
            paramLabel = "P%",
            description = "Serve as challenger for this share of keys, for example 5%%.")
    private String share;

    @Option(
            names = "--shadow",
            description = "Score beside the champion, into the shadow topic alone.")
    private boolean shadow;

    @Option(
            names = "--golden-rows",
            paramLabel = "N",
            defaultValue = "3",
            description =
                    "Send N rows with what the model gives for them here; tasks must find the same."
                            + " Default: ${DEFAULT-VALUE}")
    private int goldenRows;

    @Option(
            names = "--wait",
            paramLabel = "SECONDS",
            defaultValue = "150",
            description = "How long to wait for the job's decision. Default: ${DEFAULT-VALUE}")
    private long waitSeconds;

    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        int colon = model.indexOf(':');
        if (colon < 1 || colon == model.length() - 1) {
            throw usage("'%s' is not NAME:VERSION".formatted(model));
        }
        if (shadow && share != null) {
            throw usage("Either --share or --shadow: a shadow scores all keys");
        }
        if (goldenRows < 0) {
            throw usage("--golden-rows is %d and must be 0 or more".formatted(goldenRows));
        }
        Instant from =
                activeFrom == null
                        ? ReleasePublishing.soon()
                        : ReleasePublishing.activeFrom(spec, activeFrom);
        PipelineConfig config = PipelineReader.read(pipeline);
        ReleasePublishing.releases(config);
        if (!model.substring(0, colon).equals(config.model().name())) {
            throw usage(
                    "the pipeline scores with model '%s' and would refuse '%s'; release %s:%s, or set 'model.name'"
                            .formatted(
                                    config.model().name(),
                                    model.substring(0, colon),
                                    config.model().name(),
                                    model.substring(colon + 1)));
        }
        URI address = address(file);
        requireAllowed(address, config);
        ModelArtifact artifact = artifact(address, colon);
        ModelRelease release =
                new ModelRelease(
                        new ModelIdentity(
                                artifact.version().name(),
                                artifact.version().version(),
                                artifact.version().sha256()),
                        address,
                        from,
                        shadow
                                ? ReleaseRole.SHADOW
                                : share == null ? ReleaseRole.CHAMPION : ReleaseRole.CHALLENGER,
                        share == null ? 1 : share(share),
                        golden(artifact, config));
        try (ControlTopic topic = ReleasePublishing.open(config)) {
            ReleasePublishing.publish(
                    topic, release, Duration.ofSeconds(waitSeconds), spec.commandLine().getOut());
        }
        return 0;
    }

    static URI address(String text) {
        return text.matches("[a-zA-Z][a-zA-Z0-9+.-]+:.*")
                ? URI.create(text)
                : Path.of(text).toAbsolutePath().normalize().toUri();
    }

    /** What the job would refuse is not published, nor read here. */
    private void requireAllowed(URI address, PipelineConfig config) throws CommandFailedException {
        try {
            new ArtifactLocations(ReleasePublishing.releases(config).locations()).require(address);
        } catch (ReleaseLoader.UnfitException e) {
            throw new CommandFailedException(
                    "the job would refuse %s: %s; put the file there, or add its folder in %s and start the job with it"
                            .formatted(model, e.getMessage(), config.file()),
                    e);
        }
    }

    private ModelArtifact artifact(URI address, int colon) throws CommandFailedException {
        try {
            return new ModelArtifact(
                    model.substring(0, colon),
                    model.substring(colon + 1),
                    ReleaseLoader.fetch(address),
                    file);
        } catch (IOException e) {
            throw new CommandFailedException(
                    "the model cannot be read at %s: %s".formatted(address, e.getMessage()), e);
        }
    }

    private List<GoldenVector> golden(ModelArtifact artifact, PipelineConfig config)
            throws CommandFailedException {
        try {
            return GoldenVectors.of(artifact, config.engine(), goldenRows);
        } catch (EngineException e) {
            throw new CommandFailedException(
                    "%s cannot be scored here: %s".formatted(artifact, e.getMessage()), e);
        }
    }

    private double share(String text) {
        double part = Numbers.share(text).orElse(0);
        if (part > 0) {
            return part;
        }
        throw usage("--share '%s' is no share such as 5%%".formatted(text));
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
