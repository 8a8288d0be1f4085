package dev.millrace.bench.subject;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.bench.Workload;
import dev.millrace.bench.subject.Usage.ThreadGroupName;
import dev.millrace.job.PreparedPipeline;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OptionsTest {
    @Test
    void optionsGoWhereTheirPathsSay() {
        Map<String, Object> document = new LinkedHashMap<>();
        Options.put(document, Options.parse("sink/topic=out; sink/properties/linger.ms=5"));
        assertThat(document)
                .isEqualTo(
                        Map.of(
                                "sink",
                                Map.of("topic", "out", "properties", Map.of("linger.ms", "5"))));
    }

    @Test
    void anOptionWithoutAValueIsRefused() {
        assertThatThrownBy(() -> Options.parse("batching/max-batch-size"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("batching/max-batch-size");
    }

    @Test
    void everySubjectsPipelineIsOneThatMillraceTakes(@TempDir Path folder) throws Exception {
        for (Workload workload : Workload.values()) {
            for (SubjectKind kind : SubjectKind.values()) {
                SubjectSpec spec =
                        new SubjectSpec(
                                kind,
                                workload,
                                "onnxruntime",
                                Options.parse("batching/max-batch-size=256"),
                                "localhost:9092",
                                folder.toString());
                PreparedPipeline pipeline =
                        BenchPipeline.of(spec, new RunSpec("in", "out", false, 1000, 5));
                assertThat(pipeline.config().batching().maxBatchSize()).isEqualTo(256);
                assertThat(pipeline.config().batching().targetLatency()).isPresent();
                assertThat(pipeline.config().sink().topic()).isEqualTo("out");
            }
        }
    }

    @Test
    void threadsAreKnownByTheirNames() {
        assertThat(ThreadGroupName.of("Source Data Fetcher for Source: in (1/1)#0"))
                .isEqualTo(ThreadGroupName.FETCHER);
        assertThat(ThreadGroupName.of("Source: Source in -> Score with m:1 (1/1)#0"))
                .isEqualTo(ThreadGroupName.TASK);
        assertThat(ThreadGroupName.of("millrace-onnxruntime-m:1"))
                .isEqualTo(ThreadGroupName.ENGINE);
        assertThat(ThreadGroupName.of("kafka-producer-network-thread | producer-1"))
                .isEqualTo(ThreadGroupName.PRODUCER);
        assertThat(ThreadGroupName.of("flink-pekko.actor.default-dispatcher-4"))
                .isEqualTo(ThreadGroupName.OTHER);
    }
}
