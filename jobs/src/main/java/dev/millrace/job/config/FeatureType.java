package dev.millrace.job.config;

import dev.millrace.job.config.FeatureSettings.Feature;
import dev.millrace.job.config.FeatureSettings.Input;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * Reads {@code features}: the word {@code auto}; a list of paths for a model with one input; or a
 * mapping of model inputs to lists of paths. A list item is a path or a {@link FeatureItem}.
 */
final class FeatureType implements OptionType<FeatureSettings> {
    private static final String AUTO = "auto";

    @Override
    public String name() {
        return "auto, list of features, or mapping of model inputs to lists of features";
    }

    @Override
    public String write(FeatureSettings value) {
        return value.isAuto() ? AUTO : String.valueOf(value);
    }

    @Override
    public Optional<FeatureSettings> read(Node node, ConfigReading reading) {
        if (node instanceof ScalarNode scalar && scalar.getValue().equals(AUTO)) {
            return Optional.of(FeatureSettings.auto());
        }
        if (node instanceof MappingNode mapping) {
            return inputs(mapping, reading);
        }
        return input(Optional.empty(), node, reading)
                .map(input -> new FeatureSettings(List.of(input)));
    }

    private static Optional<FeatureSettings> inputs(MappingNode mapping, ConfigReading reading) {
        if (mapping.getValue().isEmpty()) {
            reading.problem(mapping, "'features' lists no model input", "Write 'auto' or a list");
            return Optional.empty();
        }
        List<Input> inputs = new ArrayList<>();
        for (NodeTuple tuple : mapping.getValue()) {
            Optional<String> name = CollectionTypes.key(tuple, reading);
            if (name.isPresent()) {
                input(name, tuple.getValueNode(), reading).ifPresent(inputs::add);
            }
        }
        return inputs.size() == mapping.getValue().size()
                ? Optional.of(new FeatureSettings(inputs))
                : Optional.empty();
    }

    private static Optional<Input> input(Optional<String> name, Node node, ConfigReading reading) {
        List<Node> items = node instanceof SequenceNode list ? list.getValue() : List.of(node);
        if (items.isEmpty()) {
            reading.problem(node, "the list of features is empty", "Name at least one field");
            return Optional.empty();
        }
        List<Feature> features = new ArrayList<>();
        for (Node item : items) {
            feature(item, reading).ifPresent(features::add);
        }
        return features.size() == items.size()
                ? Optional.of(new Input(name, features, ConfigReading.lineOf(node)))
                : Optional.empty();
    }

    private static Optional<Feature> feature(Node node, ConfigReading reading) {
        return node instanceof MappingNode mapping
                ? new FeatureItem(mapping, reading).read()
                : reading.text(node, "a field's path or {path: ..., default: ...}")
                        .map(path -> FeatureItem.plain(path, ConfigReading.lineOf(node)));
    }
}
