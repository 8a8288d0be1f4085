package dev.millrace.bench.subject;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Options of a pipeline by their path, components separated by slashes because Kafka's properties
 * have dots: {@code sink/properties/linger.ms}.
 */
public final class Options {
    private Options() {}

    /** Reads {@code path=value;path=value}. */
    public static Map<String, String> parse(String text) {
        Map<String, String> options = new LinkedHashMap<>();
        for (String option : text.split(";", -1)) {
            int equals = option.indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException(
                        "Not path=value;path=value with paths like batching/max-batch-size: "
                                + text);
            }
            options.put(option.substring(0, equals).strip(), option.substring(equals + 1).strip());
        }
        return options;
    }

    static String text(Map<String, String> options) {
        return options.entrySet().stream()
                .map(option -> option.getKey() + "=" + option.getValue())
                .collect(Collectors.joining(";"));
    }

    /** Puts options where they belong in a document. */
    static void put(Map<String, Object> document, Map<String, String> options) {
        options.forEach(
                (path, value) -> {
                    String[] components = path.split("/", -1);
                    Map<String, Object> section = document;
                    for (int i = 0; i < components.length - 1; i++) {
                        section = section(section, components[i]);
                    }
                    section.put(components[components.length - 1], value);
                });
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> section(Map<String, Object> document, String name) {
        return (Map<String, Object>)
                document.computeIfAbsent(name, key -> new LinkedHashMap<String, Object>());
    }
}
