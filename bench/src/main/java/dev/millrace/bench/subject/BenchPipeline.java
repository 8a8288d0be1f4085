package dev.millrace.bench.subject;

import dev.millrace.bench.Workload;
import dev.millrace.job.PreparedPipeline;
import dev.millrace.job.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.yaml.snakeyaml.Yaml;

/** The pipeline of a run, written and read as a user's would be. */
public final class BenchPipeline {
    static final String NAME = "bench";

    private BenchPipeline() {}

    /** Writes the pipeline with its files into the subject's folder and reads it. */
    public static PreparedPipeline of(SubjectSpec spec, RunSpec run)
            throws ConfigException, IOException {
        Path folder = Files.createDirectories(Path.of(spec.folder()));
        Workload workload = spec.workload();
        Files.write(folder.resolve("model.onnx"), workload.model().content());
        Files.writeString(folder.resolve("record.avsc"), workload.schema().toString());
        Path file = Files.writeString(folder.resolve("pipeline.yaml"), yaml(spec, run));
        return PreparedPipeline.read(file);
    }

    private static String yaml(SubjectSpec spec, RunSpec run) {
        boolean exactlyOnce = spec.kind() == SubjectKind.MILLRACE_EXACTLY_ONCE;
        Map<String, String> options = new LinkedHashMap<>();
        options.put("pipeline/name", NAME);
        options.put("pipeline/parallelism", "1");
        options.put("kafka/bootstrap-servers", spec.bootstrapServers());
        options.put("checkpointing/interval", run.checkpointMs() + " ms");
        options.put("source/topics", run.inputTopic());
        options.put("source/format", "avro");
        options.put("source/schema-file", "record.avsc");
        options.put("source/start", run.fromEnd() ? "latest" : "earliest");
        options.put("model/file", "model.onnx");
        options.put("model/version", "1");
        options.put("engine/backend", spec.kind().isMillrace() ? spec.engine() : "onnxruntime");
        options.put("sink/topic", run.outputTopic());
        options.put("sink/delivery-guarantee", exactlyOnce ? "exactly-once" : "at-least-once");
        if (run.targetLatencyMs() > 0) {
            options.put("batching/target-latency", run.targetLatencyMs() + " ms");
        }
        options.putAll(spec.options());
        Map<String, Object> document = new LinkedHashMap<>();
        Options.put(document, options);
        document.put("features", features(spec.workload()));
        return new Yaml().dump(document);
    }

    private static List<?> features(Workload workload) {
        if (workload == Workload.IMAGES) {
            return List.of(Map.of("path", "pixels", "elements", workload.features()));
        }
        return IntStream.range(0, workload.features()).mapToObj(i -> "f" + i).toList();
    }
}
