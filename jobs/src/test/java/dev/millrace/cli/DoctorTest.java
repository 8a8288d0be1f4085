package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.job.TestingPipeline;
import dev.millrace.job.config.PipelineReader;
import dev.millrace.job.kafka.Finding;
import dev.millrace.schema.Contracts;
import dev.millrace.schema.wire.SchemaRegistry;
import dev.millrace.schema.wire.SchemaRegistryOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoctorTest {
    @TempDir private Path folder;

    private Finding sinkRegistry(String url) throws Exception {
        String more =
                "  format: confluent\nregistry:\n  url: %s\n  properties: {schema.registry.max.retries: 0}\n";
        Path file = TestingPipeline.write(folder, "localhost:9092", more.formatted(url));
        return Doctor.sinkRegistry(PipelineReader.read(file));
    }

    @Test
    void findsThatTheRegistryOfTheSinkIsDown() throws Exception {
        String dead;
        try (TestingRegistry registry = new TestingRegistry()) {
            dead = registry.url();
        }
        Finding finding = sinkRegistry(dead);

        assertThat(finding.level()).isEqualTo(Finding.Level.BAD);
        assertThat(finding.message())
                .contains(dead, "ConnectException; is it up")
                .doesNotContain("null");
    }

    @Test
    void saysWhatEnginesAreThereWhereTheModelIsRefused() throws Exception {
        Path file = TestingPipeline.write(folder, "localhost:1", "features: [featurse]\n");
        List<Finding> misspelt = Doctor.pipeline(file);
        assertThat(misspelt)
                .anyMatch(f -> f.subject().equals("model") && f.message().contains("featurse"))
                .anyMatch(f -> f.subject().equals("engine cpu") && f.level() == Finding.Level.GOOD);

        Files.writeString(folder.resolve("fraud.onnx"), "no model");
        List<Finding> broken = Doctor.pipeline(file);
        assertThat(broken)
                .anyMatch(f -> f.subject().equals("model") && f.level() == Finding.Level.BAD)
                .anyMatch(f -> f.subject().equals("engine cpu") && f.level() == Finding.Level.NOTE);
    }

    @Test
    void saysWhatTheRegistryOfTheSinkKnowsAndRegistersNothing() throws Exception {
        try (TestingRegistry registry = new TestingRegistry()) {
            Finding before = sinkRegistry(registry.url());
            assertThat(before.level()).isEqualTo(Finding.Level.GOOD);
            assertThat(before.message()).contains("'scored-value' will be registered");
            assertThat(registry.id("scored-value")).isZero();

            new SchemaRegistry(
                            new SchemaRegistryOptions(
                                    Map.of(SchemaRegistryOptions.URL, registry.url())))
                    .register("scored-value", Contracts.scoredRecord());
            assertThat(sinkRegistry(registry.url()).message())
                    .contains("'scored-value' has version 1");
        }
    }
}
