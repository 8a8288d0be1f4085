package dev.millrace.job.config;

import dev.millrace.job.config.OutputSettings.Output;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * Reads {@code outputs}: the word {@code all}, a list of model outputs, or a mapping of model
 * outputs to the names they get. A list item may also be <code>
 * {output: probabilities, element: 1, name: fraud}</code>.
 */
final class OutputType implements OptionType<OutputSettings> {
    private static final String ALL = "all";
    private static final List<String> KEYS = List.of("output", "element", "name");

    @Override
    public String name() {
        return "all, list of outputs, or mapping of outputs to names";
    }

    @Override
    public String write(OutputSettings value) {
        return value.isAll() ? ALL : String.valueOf(value);
    }

    @Override
    public Optional<OutputSettings> read(Node node, ConfigReading reading) {
        if (node instanceof ScalarNode scalar && scalar.getValue().equals(ALL)) {
            return Optional.of(OutputSettings.all());
        }
        List<Output> outputs =
                node instanceof MappingNode mapping
                        ? renamed(mapping, reading)
                        : listed(node, reading);
        if (outputs.isEmpty()) {
            reading.problem(node, "'outputs' names no output", "Write 'all' or a list");
            return Optional.empty();
        }
        Set<String> names = new HashSet<>();
        for (Output output : outputs) {
            if (!names.add(output.recordName())) {
                reading.problem(
                        output.line(),
                        "two outputs are called '%s'".formatted(output.recordName()),
                        "Rename one: {model-output: name}");
                return Optional.empty();
            }
        }
        return Optional.of(new OutputSettings(outputs));
    }

    private static List<Output> listed(Node node, ConfigReading reading) {
        List<Node> items = node instanceof SequenceNode list ? list.getValue() : List.of(node);
        List<Output> outputs = new ArrayList<>();
        for (Node item : items) {
            (item instanceof MappingNode mapping ? item(mapping, reading) : plain(item, reading))
                    .ifPresent(outputs::add);
        }
        return outputs;
    }

    private static Optional<Output> plain(Node node, ConfigReading reading) {
        int line = ConfigReading.lineOf(node);
        return reading.text(node, "an output's name")
                .map(name -> new Output(name, Optional.empty(), name, line));
    }

    private static Optional<Output> item(MappingNode mapping, ConfigReading reading) {
        Map<String, String> texts = new LinkedHashMap<>();
        for (NodeTuple tuple : mapping.getValue()) {
            String key = CollectionTypes.key(tuple, reading).orElse("");
            if (KEYS.contains(key)) {
                reading.text(tuple.getValueNode(), "a text")
                        .ifPresent(text -> texts.put(key, text.strip()));
            } else {
                reading.problem(
                        tuple.getKeyNode(),
                        "unknown key '%s' in an output".formatted(key),
                        Nearest.to(key, KEYS)
                                .map("Did you mean '%s'?"::formatted)
                                .orElse("An output has " + String.join(", ", KEYS)));
            }
        }
        String output = texts.get("output");
        if (output == null) {
            reading.problem(mapping, "an entry without 'output'", "Name an output of the model");
            return Optional.empty();
        }
        Optional<String> element = Optional.ofNullable(texts.get("element"));
        String name = texts.getOrDefault("name", element.orElse(output));
        return Optional.of(new Output(output, element, name, ConfigReading.lineOf(mapping)));
    }

    private static List<Output> renamed(MappingNode mapping, ConfigReading reading) {
        List<Output> outputs = new ArrayList<>();
        for (NodeTuple tuple : mapping.getValue()) {
            Optional<String> modelName = CollectionTypes.key(tuple, reading);
            Optional<String> recordName = reading.text(tuple.getValueNode(), "a name");
            if (modelName.isPresent() && recordName.isPresent()) {
                int line = ConfigReading.lineOf(tuple.getKeyNode());
                outputs.add(new Output(modelName.get(), Optional.empty(), recordName.get(), line));
            }
        }
        return outputs;
    }
}
