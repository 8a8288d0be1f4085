package dev.millrace.job.config;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;

/** A pipeline's YAML as a flat mapping of option keys to nodes. Refuses keys nobody knows. */
final class PipelineDocument {
    private final Map<String, Node> values = new LinkedHashMap<>();
    private final Map<String, Integer> lines = new LinkedHashMap<>();
    private final List<String> keys;
    private final ConfigReading reading;

    PipelineDocument(Collection<Option<?>> options, MappingNode root, ConfigReading reading) {
        this.keys = options.stream().map(Option::key).toList();
        this.reading = reading;
        flatten("", root);
    }

    /** The line of a key, or 0 where the file does not have it. */
    int line(Option<?> option) {
        return lines.getOrDefault(option.key(), 0);
    }

    boolean has(Option<?> option) {
        return values.containsKey(option.key());
    }

    /** The value in the file as it is written there. */
    Optional<Node> node(Option<?> option) {
        return Optional.ofNullable(values.get(option.key()));
    }

    /** The value in the file, else the default. Reports what is wrong or missing. */
    <T> Optional<T> get(Option<T> option) {
        Node node = values.get(option.key());
        if (node != null) {
            return option.type().read(node, reading);
        }
        if (option.required()) {
            reading.problem(
                    0,
                    "'%s' is missing".formatted(option.key()),
                    "Add it (%s): %s".formatted(option.type().name(), option.description()));
        }
        return option.fallback();
    }

    private void flatten(String prefix, MappingNode mapping) {
        for (NodeTuple tuple : mapping.getValue()) {
            Optional<String> name = CollectionTypes.key(tuple, reading);
            if (name.isPresent()) {
                entry(prefix + name.get(), tuple);
            }
        }
    }

    private void entry(String key, NodeTuple tuple) {
        Node node = tuple.getValueNode();
        if (keys.contains(key)) {
            int line = ConfigReading.lineOf(tuple.getKeyNode());
            if (values.put(key, node) != null) {
                String message = "'%s' is set twice, first in line %d";
                reading.problem(
                        line, message.formatted(key, lines.get(key)), "Remove one of the two");
            }
            lines.putIfAbsent(key, line);
            return;
        }
        if (!isGroup(key)) {
            unknown(key, tuple.getKeyNode());
        } else if (node instanceof MappingNode group) {
            flatten(key + ".", group);
        } else {
            reading.problem(
                    tuple.getKeyNode(),
                    "'%s' is a group, not a value".formatted(key),
                    "It has " + members(key));
        }
    }

    private boolean isGroup(String key) {
        return keys.stream().anyMatch(candidate -> candidate.startsWith(key + "."));
    }

    private String members(String group) {
        return keys.stream()
                .filter(key -> key.startsWith(group + "."))
                .map(key -> "'" + key.substring(group.length() + 1) + "'")
                .collect(Collectors.joining(", "));
    }

    private void unknown(String key, Node node) {
        String fix =
                suggestion(key)
                        .map("Did you mean '%s'?"::formatted)
                        .orElse("docs/configuration.md lists all keys");
        reading.problem(node, "unknown key '%s'".formatted(key), fix);
    }

    private Optional<String> suggestion(String key) {
        String last = key.substring(key.lastIndexOf('.') + 1);
        Optional<String> elsewhere =
                keys.stream()
                        .filter(candidate -> candidate.endsWith("." + last))
                        .filter(candidate -> !key.contains("."))
                        .findFirst();
        if (elsewhere.isPresent()) {
            return elsewhere;
        }
        int dot = key.lastIndexOf('.');
        String group = key.substring(0, dot + 1);
        List<String> siblings =
                keys.stream().filter(candidate -> candidate.startsWith(group)).toList();
        Optional<String> sibling =
                dot < 0 ? Optional.empty() : Nearest.to(last, tails(siblings, group));
        return sibling.map(name -> group + name)
                .or(() -> Nearest.to(key, keys))
                .or(() -> Nearest.to(key, groups()));
    }

    private static List<String> tails(List<String> siblings, String group) {
        return siblings.stream().map(sibling -> sibling.substring(group.length())).toList();
    }

    private List<String> groups() {
        return keys.stream()
                .filter(key -> key.contains("."))
                .map(key -> key.substring(0, key.indexOf('.')))
                .distinct()
                .toList();
    }
}
