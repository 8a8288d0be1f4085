package dev.millrace.job.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/** One reading of one pipeline file: collects its problems and resolves its placeholders. */
final class ConfigReading {
    private final String file;
    private final Placeholders placeholders;
    private final List<ConfigProblem> problems = new ArrayList<>();

    ConfigReading(String file, Placeholders placeholders) {
        this.file = file;
        this.placeholders = placeholders;
    }

    void problem(Node node, String message, String fix) {
        problem(lineOf(node), message, fix);
    }

    /**
     * @param line counted from 1; 0 where there is none
     */
    void problem(int line, String message, String fix) {
        problems.add(new ConfigProblem(file, line, message, fix));
    }

    static int lineOf(Node node) {
        return node.getStartMark().getLine() + 1;
    }

    /** The text of a scalar with its placeholders resolved; a problem for anything else. */
    Optional<String> text(Node node, String expected) {
        if (!(node instanceof ScalarNode scalar) || scalar.getTag().equals(Tag.NULL)) {
            problem(node, "expected %s, found %s".formatted(expected, kind(node)), "");
            return Optional.empty();
        }
        try {
            return Optional.of(placeholders.expand(scalar.getValue()));
        } catch (IllegalArgumentException e) {
            problem(node, e.getMessage(), "Set it, or write the value itself");
            return Optional.empty();
        }
    }

    /** How a message may quote a value: as it is in the file, so that no secret is shown. */
    static String quote(Node node) {
        return node instanceof ScalarNode scalar ? "'" + scalar.getValue() + "'" : kind(node);
    }

    private static String kind(Node node) {
        if (node instanceof MappingNode) {
            return "a group of keys";
        }
        if (node instanceof SequenceNode) {
            return "a list";
        }
        return node.getTag().equals(Tag.NULL) ? "nothing" : quote(node);
    }

    boolean failed() {
        return !problems.isEmpty();
    }

    void throwIfFailed() throws ConfigException {
        if (failed()) {
            problems.sort(Comparator.comparingInt(ConfigProblem::line));
            throw new ConfigException(problems);
        }
    }
}
