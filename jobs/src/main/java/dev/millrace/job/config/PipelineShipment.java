package dev.millrace.job.config;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;

/**
 * A pipeline made ready to be read elsewhere: its text, with the files it names given other paths,
 * and those files. Placeholders stay as they are and are resolved where the pipeline is read, so
 * that no secret travels; but in the paths themselves, which are resolved here.
 *
 * @param name of the pipeline
 * @param yaml the text; its lines are those of the original
 * @param files by the path that the text has for them, relative to the pipeline's file
 * @param parallelism what the text says, or was made to say
 */
public record PipelineShipment(
        String name, String yaml, Map<String, Path> files, OptionalInt parallelism) {
    /**
     * Prepares a pipeline for its journey.
     *
     * @param parallelism takes the place of the pipeline's own; empty to leave that
     * @throws ConfigException if the file is no pipeline, or has keys that nobody knows
     * @throws IOException if it or a file it names is not there
     */
    public static PipelineShipment of(Path file, OptionalInt parallelism)
            throws ConfigException, IOException {
        return of(file, TextFiles.pipeline(file), parallelism, System.getenv());
    }

    static PipelineShipment of(
            Path file, String yaml, OptionalInt parallelism, Map<String, String> environment)
            throws ConfigException, IOException {
        Path folder = file.toAbsolutePath().getParent();
        ConfigReading reading =
                new ConfigReading(file.toString(), new Placeholders(environment, folder));
        PipelineDocument document =
                new PipelineDocument(PipelineSettings.all(), root(yaml, reading), reading);
        Optional<String> name = document.get(PipelineSettings.NAME_OF_PIPELINE);
        Optional<Integer> own = document.get(PipelineSettings.PARALLELISM);
        document.get(PipelineSettings.MODEL_FILE);
        Map<String, Path> files = new LinkedHashMap<>();
        List<Edit> edits = new ArrayList<>();
        for (Option<?> option : PipelineSettings.all()) {
            Optional<Node> node = document.node(option);
            if (node.isEmpty() || option.type() != OptionTypes.FILE) {
                continue;
            }
            Optional<String> text = reading.text(node.get(), "a file");
            if (text.isPresent()) {
                Path target = folder.resolve(text.get()).normalize();
                String there = "files/%d/%s".formatted(files.size(), target.getFileName());
                files.put(there, target);
                edits.add(Edit.of(node.get(), "\"" + there.replace("\"", "\\\"") + "\""));
            }
        }
        reading.throwIfFailed();
        for (Path target : files.values()) {
            if (!Files.isRegularFile(target)) {
                throw new NoSuchFileException(target.toString());
            }
        }
        if (parallelism.isPresent()) {
            document.node(PipelineSettings.PARALLELISM)
                    .ifPresent(
                            node ->
                                    edits.add(
                                            Edit.of(node, String.valueOf(parallelism.getAsInt()))));
        }
        OptionalInt result =
                parallelism.isPresent()
                        ? parallelism
                        : own.map(OptionalInt::of).orElse(OptionalInt.empty());
        return new PipelineShipment(name.orElseThrow(), edit(yaml, edits), files, result);
    }

    private static MappingNode root(String yaml, ConfigReading reading) throws ConfigException {
        try {
            Node root =
                    new Yaml(new SafeConstructor(new LoaderOptions()))
                            .compose(new StringReader(yaml));
            if (root instanceof MappingNode mapping) {
                return mapping;
            }
            reading.problem(1, "a pipeline is a mapping of keys to values", "");
        } catch (YAMLException e) {
            reading.problem(0, "not YAML: " + e.getMessage(), "Check indentation and quotes");
        }
        reading.throwIfFailed();
        throw new IllegalStateException("not reached: a problem was reported");
    }

    /** A piece of text in place of a value; positions count code points, as YAML's marks do. */
    private record Edit(int from, int to, String text) {
        static Edit of(Node node, String text) {
            return new Edit(node.getStartMark().getIndex(), node.getEndMark().getIndex(), text);
        }
    }

    private static String edit(String yaml, List<Edit> edits) {
        StringBuilder text = new StringBuilder(yaml);
        edits.sort(Comparator.comparingInt(Edit::from).reversed());
        for (Edit edit : edits) {
            text.replace(
                    yaml.offsetByCodePoints(0, edit.from),
                    yaml.offsetByCodePoints(0, edit.to),
                    edit.text);
        }
        return text.toString();
    }
}
