package dev.millrace.job.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.job.TestingPipeline;
import dev.millrace.job.config.PipelineReader;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReleaseChecksTest {
    @TempDir private Path folder;

    @Test
    void warnsOfArtifactsFromAnywhere() throws Exception {
        assertThat(look("releases:\n  topic: fraud-releases\n"))
                .hasValueSatisfying(
                        finding -> {
                            assertThat(finding.level()).isEqualTo(Finding.Level.WARNING);
                            assertThat(finding.message()).contains("'fraud-releases'");
                            assertThat(finding.advice()).contains("'releases.locations'");
                        });
    }

    @Test
    void saysWhereArtifactsComeFrom() throws Exception {
        assertThat(look("releases:\n  topic: fraud-releases\n  locations: file:///models/\n"))
                .hasValueSatisfying(
                        finding -> {
                            assertThat(finding.level()).isEqualTo(Finding.Level.GOOD);
                            assertThat(finding.message()).contains("[file:///models/] alone");
                        });
    }

    @Test
    void hasNothingToSayWithoutAControlTopic() throws Exception {
        assertThat(look("")).isEmpty();
    }

    private Optional<Finding> look(String more) throws Exception {
        return ReleaseChecks.look(
                PipelineReader.read(TestingPipeline.write(folder, "localhost:9092", more)));
    }
}
