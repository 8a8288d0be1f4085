package dev.millrace.job.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Writes docs/configuration.md from the options themselves. */
public final class ConfigurationPage {
    private static final String HEAD =
            """
            # Configuration of a pipeline

            <!-- Generated from PipelineSettings; a test compares it. Write it anew with
                 ./mvnw -q -pl jobs -am test -Dtest=ConfigurationPageTest -Dconfiguration.page=write \
            -Dsurefire.failIfNoSpecifiedTests=false -->

            A pipeline is a YAML file. Everything about it is checked before anything starts; a key
            that does not exist, a value of the wrong type or a contradiction is refused with file
            and line.

            ```yaml
            pipeline:
              name: card-fraud
            kafka:
              bootstrap-servers: localhost:9092
            source:
              topics: transactions
              format: avro
              schema-file: transaction.avsc
            model:
              file: fraud.onnx
            features: [amount, card.age, {path: merchant.risk, default: 0}]
            sink:
              topic: scored-transactions
            ```

            Values may hold `${NAME}` (an environment variable), `${NAME:-text}` (a variable or a
            text) and `${file:/path}` (a file's contents, for secrets that are mounted); `$${` is a
            plain `${`. What they stand for never appears in a message or a log. Durations are
            written with a unit: `us`, `ms`, `s`, `min`, `h` or `d`. Paths are relative to the
            pipeline's file.
            """;

    private ConfigurationPage() {}

    static String text() {
        StringBuilder page = new StringBuilder(HEAD);
        String group = "";
        for (Option<?> option : PipelineSettings.all()) {
            int dot = option.key().indexOf('.');
            String next = dot < 0 ? "features and outputs" : option.key().substring(0, dot);
            if (!next.equals(group)) {
                group = next;
                page.append("\n## ").append(group).append("\n\n");
                page.append("| Key | Type | Default | Meaning |\n|---|---|---|---|\n");
            }
            page.append(row(option));
        }
        page.append("\n## Kafka client properties that a pipeline sets\n\n");
        page.append(
                "Set unless `kafka.properties`, `source.properties` or `sink.properties` say"
                        + " otherwise.\nTogether they are worth a third of the throughput of small"
                        + " records.\n\n");
        page.append("| Client | Property | Value | Why |\n|---|---|---|---|\n");
        defaults(page, "consumer", KafkaDefaults.CONSUMER);
        defaults(page, "producer", KafkaDefaults.PRODUCER);
        return page.toString();
    }

    static void write(Path file) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.writeString(file, text());
    }

    private static String row(Option<?> option) {
        String fallback = option.fallbackText();
        if (option.required()) {
            fallback = "required";
        } else if (option.fallback().isPresent()) {
            fallback = "`" + fallback + "`";
        }
        String type = option.type().name();
        if (!option.unit().isEmpty()) {
            type = type + ", " + option.unit();
        }
        return "| `%s` | %s | %s | %s |\n"
                .formatted(option.key(), type, fallback, option.description());
    }

    private static void defaults(
            StringBuilder page, String client, List<KafkaDefaults.Default> defaults) {
        for (KafkaDefaults.Default property : defaults) {
            page.append(
                    "| %s | `%s` | `%s` | %s |\n"
                            .formatted(
                                    client, property.name(), property.value(), property.reason()));
        }
    }
}
