package dev.millrace.cli;

import dev.millrace.gpu.engine.EngineBackend;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.Engines;
import dev.millrace.gpu.engine.ModelArtifact;
import dev.millrace.gpu.engine.TensorSpec;
import dev.millrace.job.PreparedPipeline;
import dev.millrace.job.config.ConfigException;
import dev.millrace.job.config.ConfigProblem;
import dev.millrace.job.config.PipelineConfig;
import dev.millrace.job.config.PipelineReader;
import dev.millrace.job.config.ScoredFormat;
import dev.millrace.job.kafka.BrokerChecks;
import dev.millrace.job.kafka.Finding;
import dev.millrace.schema.wire.SchemaRegistry;
import dev.millrace.schema.wire.SchemaRegistryUnavailableException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/** The checks of {@code millrace doctor}. */
final class Doctor {
    private static final Path NVIDIA_DRIVER = Path.of("/proc/driver/nvidia/version");
    private static final String PROBE = "/dev/millrace/demo/fraud.onnx";
    private static final long MEBIBYTE = 1 << 20;
    private static final long LITTLE_MEMORY = 512 * MEBIBYTE;

    private static final String SINK_REGISTRY = "sink registry";

    private final List<Finding> findings = new ArrayList<>();

    private Doctor() {}

    /** What can be said without a pipeline; engines are tried with the demo's model. */
    static List<Finding> machine() throws IOException {
        Doctor doctor = new Doctor();
        doctor.java();
        doctor.gpu();
        try (InputStream model = Doctor.class.getResourceAsStream(PROBE)) {
            byte[] content = Objects.requireNonNull(model, PROBE).readAllBytes();
            ModelArtifact artifact = new ModelArtifact("demo", "1", content, "the demo's model");
            doctor.engines(artifact, EngineOptions.of(EngineOptions.AUTO, 1, 2));
        }
        return List.copyOf(doctor.findings);
    }

    /** Everything about a pipeline. */
    static List<Finding> pipeline(Path file) throws IOException {
        Doctor doctor = new Doctor();
        doctor.java();
        doctor.gpu();
        try {
            PipelineConfig config = PipelineReader.read(file);
            doctor.findings.add(Finding.good("pipeline", config + " reads well"));
            doctor.model(config);
            if (config.sink().format() == ScoredFormat.CONFLUENT) {
                doctor.findings.add(sinkRegistry(config));
            }
            doctor.findings.addAll(BrokerChecks.look(config));
        } catch (ConfigException e) {
            doctor.problems("pipeline", e);
        }
        return List.copyOf(doctor.findings);
    }

    private void problems(String subject, ConfigException refused) {
        for (ConfigProblem problem : refused.problems()) {
            String place = problem.line() == 0 ? "" : "line " + problem.line() + ": ";
            findings.add(
                    Finding.bad(
                            subject,
                            place + problem.message(),
                            problem.fix().isEmpty() ? "Correct " + problem.file() : problem.fix()));
        }
    }

    private void java() {
        String version = "Java " + Runtime.version().feature();
        if (ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()) {
            findings.add(Finding.good("java", version + ", vector instructions usable"));
        } else {
            findings.add(
                    Finding.warning(
                            "java",
                            version + " without the module jdk.incubator.vector",
                            "The cpu engine gives the same scores more slowly; start Java with"
                                    + " --add-modules jdk.incubator.vector"));
        }
        long heap = Runtime.getRuntime().maxMemory();
        if (heap < LITTLE_MEMORY) {
            findings.add(
                    Finding.warning(
                            "memory",
                            "a heap of %d MiB at most".formatted(heap / MEBIBYTE),
                            "Give Java more: MILLRACE_JAVA_OPTS=-Xmx2g"));
        }
    }

    private void gpu() throws IOException {
        if (Files.isReadable(NVIDIA_DRIVER)) {
            String driver = Files.readAllLines(NVIDIA_DRIVER).get(0);
            findings.add(Finding.good("gpu", driver.replaceAll("\\s+", " ")));
        } else {
            findings.add(
                    Finding.warning(
                            "gpu",
                            "no NVIDIA driver is loaded",
                            "Everything runs on the CPU; a GPU needs the NVIDIA driver and nothing"
                                    + " else"));
        }
    }

    private void model(PipelineConfig config) throws IOException {
        try {
            // First of all: why a model is refused may be that no engine can score it.
            ModelArtifact artifact = PreparedPipeline.readModel(config.model());
            engines(artifact, config.engine());
            PreparedPipeline pipeline = PreparedPipeline.of(config, artifact);
            chosen(pipeline);
            memory(pipeline);
            findings.add(
                    Finding.good(
                            "model",
                            "%s takes %s and gives %s"
                                    .formatted(
                                            pipeline.artifact().version(),
                                            tensors(pipeline.signature().inputs()),
                                            tensors(pipeline.signature().outputs()))));
            findings.add(
                    pipeline.schema().isPresent()
                            ? Finding.good("features", "all of them are in the schema")
                            : Finding.note(
                                    "features",
                                    "there is no schema to look for them: a wrong path shows with"
                                            + " the first record"));
        } catch (ConfigException e) {
            problems("model", e);
        }
    }

    /** The start registers the scored records' schema, so the registry has to answer. */
    static Finding sinkRegistry(PipelineConfig config) {
        String subject = SchemaRegistry.subjectOfValues(config.sink().topic());
        try {
            Optional<SchemaRegistry.Registered> known =
                    new SchemaRegistry(config.registry().orElseThrow()).latest(subject);
            String state =
                    known.map(schema -> "has version " + schema.version())
                            .orElse("will be registered at the start");
            return Finding.good(
                    SINK_REGISTRY, "answers; subject '%s' %s".formatted(subject, state));
        } catch (SchemaRegistryUnavailableException | IllegalArgumentException e) {
            return Finding.bad(
                    SINK_REGISTRY,
                    e.getMessage(),
                    "Start it, or correct 'registry.url'; 'sink.format: avro' needs none");
        }
    }

    private void chosen(PreparedPipeline pipeline) {
        String asked = pipeline.config().engine().backend();
        Optional<String> problem = pipeline.engineProblem();
        findings.add(
                problem.isPresent()
                        ? Finding.bad(
                                "engine",
                                problem.get(),
                                "Choose an engine above that can, or run where the GPU is")
                        : Finding.good(
                                "engine",
                                "'engine.backend: %s' takes %s"
                                        .formatted(asked, pipeline.engine())));
    }

    private void memory(PreparedPipeline pipeline) {
        Optional<String> problem = pipeline.memoryProblem();
        findings.add(
                problem.isPresent()
                        ? Finding.bad("memory", problem.get(), "")
                        : Finding.good(
                                "memory",
                                "%s; on a cluster taskmanager.memory.task.off-heap.size must cover"
                                                .formatted(pipeline.slotMemory())
                                        + " it for each task slot"));
    }

    private static String tensors(List<TensorSpec> tensors) {
        return tensors.stream()
                .map(t -> "%s %s%s".formatted(t.name(), t.type(), t.rowShape()))
                .collect(Collectors.joining(", "));
    }

    /** One finding per engine: what it can do with a model here. */
    private void engines(ModelArtifact artifact, EngineOptions options) {
        for (EngineBackend backend : Engines.backends()) {
            EngineBackend.Coverage coverage = backend.examine(artifact, options);
            String subject = "engine " + backend.name();
            findings.add(
                    coverage.covered()
                            ? Finding.good(subject, "can score: " + coverage.reason())
                            : Finding.note(subject, "cannot: " + coverage.reason()));
        }
    }
}
