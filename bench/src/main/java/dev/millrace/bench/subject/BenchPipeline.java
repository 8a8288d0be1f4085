package dev.millrace.bench.subject;

import dev.millrace.bench.Workload;
import dev.millrace.job.PreparedPipeline;
import dev.millrace.job.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The pipeline of a run, written and read as a user's would be. */
final class BenchPipeline {
    static final String NAME = "bench";

    private BenchPipeline() {}

    static PreparedPipeline of(SubjectSpec spec, RunSpec run) throws ConfigException, IOException {
        Path folder = Files.createDirectories(Path.of(spec.folder()));
        Workload workload = spec.workload();
        Files.write(folder.resolve("model.onnx"), workload.model().content());
        Files.writeString(folder.resolve("record.avsc"), workload.schema().toString());
        Path file = Files.writeString(folder.resolve("pipeline.yaml"), yaml(spec, run));
        return PreparedPipeline.read(file);
    }

    private static String yaml(SubjectSpec spec, RunSpec run) {
        boolean exactlyOnce = spec.kind() == SubjectKind.MILLRACE_EXACTLY_ONCE;
        return """
        pipeline:
          name: %s
          parallelism: 1
        kafka:
          bootstrap-servers: %s
        checkpointing:
          interval: %d ms
        source:
          topics: %s
          format: avro
          schema-file: record.avsc
          start: %s
        model:
          file: model.onnx
          version: "1"
        features: %s
        engine:
          backend: %s
        sink:
          topic: %s
          delivery-guarantee: %s
        """
                        .formatted(
                                NAME,
                                spec.bootstrapServers(),
                                run.checkpointMs(),
                                run.inputTopic(),
                                run.fromEnd() ? "latest" : "earliest",
                                features(spec.workload()),
                                spec.kind().isMillrace() ? spec.engine() : "onnxruntime",
                                run.outputTopic(),
                                exactlyOnce ? "exactly-once" : "at-least-once")
                + targetLatency(run);
    }

    private static String targetLatency(RunSpec run) {
        if (run.targetLatencyMs() == 0) {
            return "";
        }
        return "batching:%n  target-latency: %d ms%n".formatted(run.targetLatencyMs());
    }

    private static String features(Workload workload) {
        if (workload == Workload.IMAGES) {
            return "[{path: pixels, elements: %d}]".formatted(workload.features());
        }
        return IntStream.range(0, workload.features())
                .mapToObj(i -> "f" + i)
                .collect(Collectors.joining(", ", "[", "]"));
    }
}
