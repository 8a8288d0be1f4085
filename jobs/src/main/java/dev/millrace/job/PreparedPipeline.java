package dev.millrace.job;

import dev.millrace.gpu.engine.EngineDescription;
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
import java.util.Locale;
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
    private final ModelInspection inspection;
    private final WireFormat format;

    private PreparedPipeline(
            PipelineConfig config,
            ModelArtifact artifact,
            ModelInspection inspection,
            WireFormat format) {
        this.config = config;
        this.artifact = artifact;
        this.inspection = inspection;
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
        return of(config, readModel(config.model()));
    }

    /** The same with another model than the pipeline's file. */
    public static PreparedPipeline of(PipelineConfig config, ModelArtifact artifact)
            throws ConfigException, IOException {
        Problems problems = new Problems(config.file().toString());
        WireFormat format = problems.of(() -> WireFormat.of(config), config.format().line());
        ModelInspection inspection =
                problems.of(
                        () -> ModelInspection.of(artifact, config.engine()), config.model().line());
        problems.throwIfAny();
        ModelSignature signature = inspection.signature();
        FeatureSelection features = FeatureSelection.of(config.features());
        ScoreSelection scores = ScoreSelection.of(config.outputs());
        problems.of(() -> decoder(format, features.forModel(signature)), features.line());
        problems.of(() -> scores.forModel(signature), scores.line());
        problems.throwIfAny();
        return new PreparedPipeline(config, artifact, inspection, format);
    }

    /** The pipeline's own model file, whatever is in it. */
    public static ModelArtifact readModel(PipelineConfig.Model model) throws IOException {
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
        return inspection.signature();
    }

    /** The engine that would score here. */
    public EngineDescription engine() {
        return inspection.engine();
    }

    /** What the slots of a task take. */
    public SlotMemory slotMemory() {
        return SlotMemory.of(config, inspection.signature());
    }

    /**
     * Makes sure that this machine can run the pipeline: one that is only submitted from here may
     * need another.
     *
     * @throws PipelineRefusedException if the engine asked for, or memory, is not to be had here
     */
    public void requireThisMachine() throws PipelineRefusedException {
        Optional<String> reason = engineProblem().or(this::memoryProblem);
        if (reason.isPresent()) {
            throw new PipelineRefusedException(reason.get());
        }
    }

    /** Why the engine asked for cannot score here. */
    public Optional<String> engineProblem() {
        return inspection
                .elsewhere()
                .map(
                        reason ->
                                "'engine.backend: %s' with 'precision: %s' cannot score here: %s"
                                        .formatted(
                                                config.engine().backend(),
                                                config.engine()
                                                        .precision()
                                                        .name()
                                                        .toLowerCase(Locale.ROOT),
                                                reason));
    }

    /** Why there is not enough memory for the slots here. */
    public Optional<String> memoryProblem() {
        // Page-locked memory of the cuda engine is allocated by the driver, outside Java's limit.
        boolean direct = !inspection.engine().backend().equals("cuda");
        int tasks = config.parallelism().orElse(1);
        long limit = SlotMemory.limitBytes();
        if (!direct || slotMemory().taskBytes() * tasks <= limit) {
            return Optional.empty();
        }
        return Optional.of(
                "%s, with %d %s; Java may allocate %d MiB. Lower 'batching.max-batch-size' or 'engine.slots', or raise -XX:MaxDirectMemorySize (./millrace takes it in MILLRACE_JAVA_OPTS)"
                        .formatted(
                                slotMemory(), tasks, tasks == 1 ? "task" : "tasks", limit >> 20));
    }

    /** The schema that features are planned against; JSON may have none. */
    public Optional<Schema> schema() {
        return format.schema();
    }

    /** The same pipeline for values in another format, with the schema it has. */
    public PreparedPipeline withValues(ValueFormat type) {
        return new PreparedPipeline(config, artifact, inspection, format.as(type));
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
