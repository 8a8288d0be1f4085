package dev.millrace.job.config;

import dev.millrace.job.config.FeatureSettings.Feature;
import dev.millrace.schema.feature.FeatureMapping;
import java.util.List;
import java.util.Optional;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;

/** Reads one feature that is written as a mapping: <code>{path: card.age, default: 0}</code>. */
final class FeatureItem {
    private static final List<String> KEYS =
            List.of("path", "default", "elements", "categories", "mapping");
    private static final OptionType<Integer> ELEMENTS = OptionTypes.integer(1, 1 << 28);
    private static final OptionType<FeatureMapping> MAPPING =
            OptionTypes.oneOf(FeatureMapping.class);

    private final MappingNode mapping;
    private final ConfigReading reading;
    private Optional<String> path = Optional.empty();
    private Optional<String> fallback = Optional.empty();
    private Optional<Integer> elements = Optional.empty();
    private List<String> categories = List.of();
    private FeatureMapping bytes = FeatureMapping.VALUE;

    FeatureItem(MappingNode mapping, ConfigReading reading) {
        this.mapping = mapping;
        this.reading = reading;
    }

    /** A feature that is a path and nothing else. */
    static Feature plain(String path, int line) {
        return new Feature(
                path.strip(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                FeatureMapping.VALUE,
                line);
    }

    Optional<Feature> read() {
        for (NodeTuple tuple : mapping.getValue()) {
            CollectionTypes.key(tuple, reading).ifPresent(key -> entry(key, tuple));
        }
        if (path.isEmpty()) {
            reading.problem(mapping, "a feature without 'path'", "Write {path: a.b, default: 0}");
        }
        int line = ConfigReading.lineOf(mapping);
        return path.map(p -> new Feature(p.strip(), fallback, elements, categories, bytes, line));
    }

    private void entry(String key, NodeTuple tuple) {
        Node node = tuple.getValueNode();
        switch (key) {
            case "path" -> path = reading.text(node, "a field's path");
            case "default" -> fallback = reading.text(node, "a default value");
            case "elements" -> elements = ELEMENTS.read(node, reading);
            case "categories" ->
                    categories = CollectionTypes.STRINGS.read(node, reading).orElse(List.of());
            case "mapping" -> bytes = MAPPING.read(node, reading).orElse(bytes);
            default ->
                    reading.problem(
                            tuple.getKeyNode(),
                            "unknown key '%s' in a feature".formatted(key),
                            Nearest.to(key, KEYS)
                                    .map("Did you mean '%s'?"::formatted)
                                    .orElse("A feature has " + String.join(", ", KEYS)));
        }
    }
}
