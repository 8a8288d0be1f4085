package dev.millrace.job.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pipelines that are shown to users are pipelines. */
class DocumentedPipelinesTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern BLOCK =
            Pattern.compile("```yaml\n(pipeline:\n.*?)```", Pattern.DOTALL);
    private static final Pattern FILE = Pattern.compile("(?:schema-)?file: ([\\w.-]+)");
    private static final int KNOWN = 5;

    @TempDir private Path folder;

    @Test
    void everyPipelineInTheDocumentationIsAccepted() throws IOException {
        Files.writeString(folder.resolve("registry"), "secret");
        Files.writeString(folder.resolve("kafka-jaas"), "secret");
        List<String> refused = new ArrayList<>();
        int pipelines = 0;
        for (Path page : pages()) {
            Matcher block = BLOCK.matcher(Files.readString(page));
            while (block.find()) {
                pipelines++;
                try {
                    read(block.group(1));
                } catch (ConfigException e) {
                    refused.add(page + ": " + e.getMessage());
                }
            }
        }
        assertThat(refused).isEmpty();
        assertThat(pipelines).isGreaterThanOrEqualTo(KNOWN);
    }

    private static List<Path> pages() throws IOException {
        List<Path> pages = new ArrayList<>();
        pages.add(ROOT.resolve("README.md"));
        try (Stream<Path> docs = Files.list(ROOT.resolve("docs"))) {
            docs.filter(page -> page.toString().endsWith(".md")).forEach(pages::add);
        }
        return pages;
    }

    private void read(String yaml) throws ConfigException, IOException {
        Matcher file = FILE.matcher(yaml);
        while (file.find()) {
            Files.writeString(folder.resolve(file.group(1)), "");
        }
        PipelineReader.read(
                folder.resolve("pipeline.yaml"),
                yaml.replace("/run/secrets", folder.toString()),
                Map.of());
    }
}
