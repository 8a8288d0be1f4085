package dev.millrace.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.impl.Log4jLogEvent;
import org.apache.logging.log4j.core.layout.PatternLayout;
import org.apache.logging.log4j.message.SimpleMessage;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a warning looks like between the words of a command. */
class CommandLogTest {
    private static final Pattern PATTERN = Pattern.compile("pattern=\"([^\"]+)\"");

    @ParameterizedTest
    @ValueSource(strings = {"src/main/resources/log4j2.xml", "../docker/flink/log4j2-command.xml"})
    void eachWarningIsALineWhateverItsCause(String file) throws IOException {
        String xml = Files.readString(Path.of(file));
        assertThat(xml).contains("alwaysWriteExceptions=\"false\"");
        Matcher matcher = PATTERN.matcher(xml);
        assertThat(matcher.find()).isTrue();
        PatternLayout layout =
                PatternLayout.newBuilder()
                        .withPattern(matcher.group(1))
                        .withAlwaysWriteExceptions(false)
                        .build();

        assertThat(line(layout, null)).isEqualTo("warn: it waits\n");
        assertThat(line(layout, new ConnectException())).isEqualTo("warn: it waits\n");
        assertThat(line(layout, new IOException("refused"))).isEqualTo("warn: it waits: refused\n");
    }

    private static String line(PatternLayout layout, Throwable cause) {
        return layout.toSerializable(
                        Log4jLogEvent.newBuilder()
                                .setLevel(Level.WARN)
                                .setMessage(new SimpleMessage("it waits"))
                                .setThrown(cause)
                                .build())
                .replace(System.lineSeparator(), "\n");
    }
}
