package dev.millrace.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.logging.log4j.ThreadContext;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.LoggerContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What log lines look like: of the command, and of Flink's processes in Millrace's image. */
class StructuredLogTest {
    private static final Path OF_THE_IMAGE =
            Path.of("..", "docker", "flink", "log4j-console.properties");
    private static final String FORMAT = "millrace.log.format";

    @TempDir private Path folder;

    @AfterEach
    void forgetSettings() {
        System.clearProperty(FORMAT);
        System.clearProperty("millrace.log.file");
        System.clearProperty("log.file");
        ThreadContext.clearAll();
    }

    @Test
    void aLineOfJsonHasItsContextAsFields() throws Exception {
        Path file = folder.resolve("log.json");
        System.setProperty("millrace.log.file", file.toString());
        log(LocalLogging.class.getResource("/log4j2-json.xml").toURI());
        check(Files.readAllLines(file));
    }

    @Test
    void theImagesProcessesWriteJsonByOption() throws Exception {
        System.setProperty(FORMAT, "json");
        check(standardOutputOf(OF_THE_IMAGE.toUri()));
    }

    @Test
    void theImagesProcessesWriteTextOtherwise() throws Exception {
        List<String> lines = standardOutputOf(OF_THE_IMAGE.toUri());
        assertThat(lines.get(0)).contains(" INFO ", " [fraud fraud:7 12] - it went \"well\"");
        assertThat(lines.get(1)).doesNotContain("[").endsWith("- no context");
        assertThat(lines.get(2)).endsWith("- a failure");
        assertThat(Files.readString(folder.resolve("flink.log")))
                .isEqualToNormalizingNewlines(String.join("\n", lines) + "\n");
    }

    private static void check(List<String> lines) throws Exception {
        ObjectMapper mapper = new ObjectMapper();
        JsonNode line = mapper.readTree(lines.get(0));
        assertThat(line.get("message").asText()).isEqualTo("it went \"well\"");
        assertThat(line.get("level").asText()).isEqualTo("INFO");
        assertThat(line.get("logger").asText()).isEqualTo("dev.millrace.Something");
        assertThat(line.get("time").asText()).matches("\\d{4}-.*T.*\\.\\d{3}Z");
        assertThat(line.get("pipeline").asText()).isEqualTo("fraud");
        assertThat(line.get("model").asText()).isEqualTo("fraud:7");
        assertThat(line.get("batch").asText()).isEqualTo("12");
        assertThat(line.has("exception")).isFalse();
        assertThat(mapper.readTree(lines.get(1)).has("pipeline")).isFalse();
        JsonNode failure = mapper.readTree(lines.get(2));
        assertThat(failure.get("exception").asText()).contains("IllegalStateException: broken");
        assertThat(lines).hasSize(3);
    }

    private List<String> standardOutputOf(URI configuration) {
        System.setProperty("log.file", folder.resolve("flink.log").toString());
        PrintStream before = System.out;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try {
            log(configuration);
        } finally {
            System.setOut(before);
        }
        return bytes.toString(StandardCharsets.UTF_8).lines().toList();
    }

    private static void log(URI configuration) {
        try (LoggerContext context = new LoggerContext("test", null, configuration)) {
            context.start();
            Logger logger = context.getLogger("dev.millrace.Something");
            ThreadContext.put("pipeline", "fraud");
            ThreadContext.put("model", "fraud:7");
            ThreadContext.put("batch", "12");
            logger.info("it went \"{}\"", "well");
            ThreadContext.clearAll();
            logger.info("no context");
            logger.warn("a failure", new IllegalStateException("broken"));
        }
    }
}
