package dev.millrace.job;

import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.ModelArtifact;
import dev.millrace.gpu.engine.ModelSignature;
import dev.millrace.job.config.ConfigException;
import dev.millrace.job.config.ConfigProblem;
import dev.millrace.job.config.PipelineConfig;
import dev.millrace.job.config.PipelineReader;
import dev.millrace.job.config.ValueFormat;
import dev.millrace.schema.feature.FeatureSpec;
import dev.millrace.schema.wire.SchemaRegistryUnavailableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.avro.Schema;

/**
 * A pipeline whose files were read and found to fit together: model with features, features with
 * schema, outputs with model. Everything a job needs, so that it can be started elsewhere.
 */
public final class PreparedPipeline {
    private static final int VERSION_DIGITS = 12;

    private final PipelineConfig config;
    private final ModelArtifact artifact;
    private final ModelSignature signature;
    private final WireFormat format;

    private PreparedPipeline(
            PipelineConfig config,
            ModelArtifact artifact,
            ModelSignature signature,
            WireFormat format) {
        this.config = config;
        this.artifact = artifact;
        this.signature = signature;
        this.format = format;
    }

    /**
     * Reads a pipeline with everything it names.
     *
     * @throws ConfigException if anything is wrong with it
     * @throws IOException if a file cannot be read
     */
    public static PreparedPipeline read(Path file) throws ConfigException, IOException {
        return of(PipelineReader.read(file));
    }

    /** The same for a pipeline that is read already. */
    public static PreparedPipeline of(PipelineConfig config) throws ConfigException, IOException {
        Problems problems = new Problems(config.file().toString());
        ModelArtifact artifact = artifact(config.model());
        WireFormat format = problems.of(() -> WireFormat.of(config), 0);
        ModelSignature signature =
                problems.of(() -> ModelInspection.signature(artifact, config.engine()), 0);
        problems.throwIfAny();
        FeatureSelection features = FeatureSelection.of(config.features());
        ScoreSelection scores = ScoreSelection.of(config.outputs());
        problems.of(() -> decoder(format, features.forModel(signature)), features.line());
        problems.of(() -> scores.forModel(signature), scores.line());
        problems.throwIfAny();
        return new PreparedPipeline(config, artifact, signature, format);
    }

    private static ModelArtifact artifact(PipelineConfig.Model model) throws IOException {
        byte[] content = Files.readAllBytes(model.file());
        String origin = model.file().toString();
        String version = model.version().orElse("unversioned");
        ModelArtifact artifact = new ModelArtifact(model.name(), version, content, origin);
        if (model.version().isPresent()) {
            return artifact;
        }
        String digits = artifact.version().sha256().substring(0, VERSION_DIGITS);
        return new ModelArtifact(model.name(), digits, content, origin);
    }

    private static Object decoder(WireFormat format, FeatureSpec spec) {
        return format.newDecoder(spec);
    }

    public PipelineConfig config() {
        return config;
    }

    /** The model, read already: it travels with the job. */
    public ModelArtifact artifact() {
        return artifact;
    }

    /** What the model takes and gives. */
    public ModelSignature signature() {
        return signature;
    }

    /** The schema that features are planned against; JSON may have none. */
    public Optional<Schema> schema() {
        return format.schema();
    }

    /** The same pipeline for values in another format, with the schema it has. */
    public PreparedPipeline withValues(ValueFormat type) {
        return new PreparedPipeline(config, artifact, signature, format.as(type));
    }

    WireFormat format() {
        return format;
    }

    /** Turns what does not fit together into problems of the pipeline's file. */
    private static final class Problems {
        private final String file;
        private final List<ConfigProblem> problems = new ArrayList<>();

        Problems(String file) {
            this.file = file;
        }

        private interface Step<T> {
            T run() throws IOException, EngineException;
        }

        /** A step's value, or nothing of use after its problem was noted. */
        <T> T of(Step<T> step, int line) throws IOException {
            try {
                return step.run();
            } catch (EngineException
                    | IllegalArgumentException
                    | SchemaRegistryUnavailableException e) {
                problems.add(new ConfigProblem(file, line, e.getMessage(), ""));
                return null;
            }
        }

        void throwIfAny() throws ConfigException {
            if (!problems.isEmpty()) {
                throw new ConfigException(problems);
            }
        }
    }
}
