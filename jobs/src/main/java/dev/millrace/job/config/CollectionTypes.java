package dev.millrace.job.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/** The types of settings that are written as YAML lists and mappings. */
final class CollectionTypes {
    private CollectionTypes() {}

    /** A list of texts; one text alone stands for a list of one. */
    static final OptionType<List<String>> STRINGS =
            new OptionType<>() {
                @Override
                public String name() {
                    return "list of texts";
                }

                @Override
                public Optional<List<String>> read(Node node, ConfigReading reading) {
                    return strings(node, reading);
                }

                @Override
                public String write(List<String> value) {
                    return value.stream().collect(Collectors.joining(", ", "[", "]"));
                }
            };

    /** A mapping of texts to texts, for keys that belong to somebody else. */
    static final OptionType<Map<String, ConfigText>> MAP =
            new OptionType<>() {
                @Override
                public String name() {
                    return "mapping of texts";
                }

                @Override
                public Optional<Map<String, ConfigText>> read(Node node, ConfigReading reading) {
                    return map(node, reading);
                }

                @Override
                public String write(Map<String, ConfigText> value) {
                    return value.isEmpty() ? "{}" : String.valueOf(value);
                }
            };

    private static Optional<List<String>> strings(Node node, ConfigReading reading) {
        List<Node> items = node instanceof SequenceNode list ? list.getValue() : List.of(node);
        List<String> texts = new ArrayList<>();
        for (Node item : items) {
            reading.text(item, "a text or a list of texts")
                    .map(String::strip)
                    .ifPresent(texts::add);
        }
        return texts.size() == items.size() ? Optional.of(List.copyOf(texts)) : Optional.empty();
    }

    private static Optional<Map<String, ConfigText>> map(Node node, ConfigReading reading) {
        if (!(node instanceof MappingNode mapping)) {
            String found = ConfigReading.quote(node);
            reading.problem(node, "expected a mapping, found " + found, "Write 'key: value' lines");
            return Optional.empty();
        }
        Map<String, ConfigText> texts = new LinkedHashMap<>();
        int read = 0;
        for (NodeTuple tuple : mapping.getValue()) {
            Optional<String> key = key(tuple, reading);
            Optional<ConfigText> value = text(tuple.getValueNode(), reading);
            if (key.isEmpty() || value.isEmpty()) {
                continue;
            }
            read++;
            if (texts.put(key.get(), value.get()) != null) {
                reading.problem(
                        tuple.getKeyNode(),
                        "'%s' is set twice".formatted(key.get()),
                        "Remove one of the two lines");
            }
        }
        return read == mapping.getValue().size() ? Optional.of(texts) : Optional.empty();
    }

    private static Optional<ConfigText> text(Node node, ConfigReading reading) {
        boolean secret = node instanceof ScalarNode scalar && Placeholders.in(scalar.getValue());
        return reading.text(node, "a text")
                .map(text -> new ConfigText(text, ConfigReading.lineOf(node), secret));
    }

    static Optional<String> key(NodeTuple tuple, ConfigReading reading) {
        if (tuple.getKeyNode() instanceof ScalarNode scalar) {
            return Optional.of(scalar.getValue());
        }
        reading.problem(tuple.getKeyNode(), "expected a text as key", "");
        return Optional.empty();
    }
}
