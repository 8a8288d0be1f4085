package dev.millrace.job.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConfigurationPageTest {
    private static final Path PAGE = Path.of("..", "docs", "configuration.md");

    @Test
    void pageSaysWhatTheCodeDoes() throws IOException {
        if ("write".equals(System.getProperty("configuration.page"))) {
            ConfigurationPage.write(PAGE);
        }
        assertThat(Files.readString(PAGE))
                .as("docs/configuration.md; its first lines say how to write it anew")
                .isEqualTo(ConfigurationPage.text());
    }

    @Test
    void listsEveryDeclaredOption() throws IllegalAccessException {
        List<Option<?>> declared = new ArrayList<>();
        for (Field field : PipelineSettings.class.getDeclaredFields()) {
            if (field.getType() == Option.class) {
                declared.add((Option<?>) field.get(null));
            }
        }
        assertThat(PipelineSettings.all()).containsExactlyElementsOf(declared);
        assertThat(PipelineSettings.all())
                .allSatisfy(
                        option -> {
                            assertThat(option.key()).matches("[a-z-]+(\\.[a-z-]+)*");
                            assertThat(option.description()).endsWith(".");
                        });
    }
}
