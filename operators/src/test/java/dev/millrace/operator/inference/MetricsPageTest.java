package dev.millrace.operator.inference;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class MetricsPageTest {
    private static final Path PAGE = Path.of("..", "docs", "metrics.md");

    @Test
    void pageSaysWhatTheCodeDoes() throws IOException {
        if ("write".equals(System.getProperty("metrics.page"))) {
            MetricsPage.write(PAGE);
        }
        assertThat(Files.readString(PAGE))
                .as("docs/metrics.md; its first lines say how to write it anew")
                .isEqualTo(MetricsPage.text());
    }

    @Test
    void everyMetricIsDescribed() {
        assertThat(InferenceMetrics.declared())
                .allSatisfy(
                        metric -> {
                            assertThat(metric.name()).matches("[a-z][a-zA-Z0-9]*");
                            assertThat(metric.unit()).isNotBlank();
                            assertThat(metric.description()).endsWith(".");
                        });
        assertThat(WatchedMetrics.all())
                .allSatisfy(
                        metric -> {
                            assertThat(metric.prometheusName()).matches("flink_[a-zA-Z_]+");
                            assertThat(metric.description()).endsWith(".");
                        });
    }
}
