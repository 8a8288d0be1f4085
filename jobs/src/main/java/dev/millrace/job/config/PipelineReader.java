package dev.millrace.job.config;

import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.job.config.PipelineConfig.Batching;
import dev.millrace.job.config.PipelineConfig.Checkpointing;
import dev.millrace.job.config.PipelineConfig.Format;
import dev.millrace.job.config.PipelineConfig.Model;
import dev.millrace.job.config.PipelineConfig.Releases;
import dev.millrace.job.config.PipelineConfig.Sink;
import dev.millrace.job.config.PipelineConfig.Source;
import dev.millrace.job.config.PipelineConfig.Start;
import dev.millrace.job.config.PipelineConfig.StartOffset;
import dev.millrace.schema.wire.SchemaRegistry;
import dev.millrace.schema.wire.SchemaRegistryOptions;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;

/** Reads a pipeline's file. Gives a pipeline that is right in every respect, or all its faults. */
public final class PipelineReader {
    private final Path file;
    private final PipelineDocument document;
    private final ConfigReading reading;

    private PipelineReader(Path file, PipelineDocument document, ConfigReading reading) {
        this.file = file;
        this.document = document;
        this.reading = reading;
    }

    /**
     * Reads a pipeline with this process's environment.
     *
     * @throws ConfigException if anything is wrong with it
     * @throws IOException if the file cannot be read
     */
    public static PipelineConfig read(Path file) throws ConfigException, IOException {
        return read(file, TextFiles.pipeline(file), System.getenv());
    }

    static PipelineConfig read(Path file, String yaml, Map<String, String> environment)
            throws ConfigException {
        Placeholders placeholders =
                new Placeholders(environment, file.toAbsolutePath().getParent());
        ConfigReading reading = new ConfigReading(file.toString(), placeholders);
        Optional<MappingNode> root = compose(yaml, reading);
        reading.throwIfFailed();
        PipelineDocument document =
                new PipelineDocument(PipelineSettings.all(), root.orElseThrow(), reading);
        return new PipelineReader(file, document, reading).pipeline();
    }

    private static Optional<MappingNode> compose(String yaml, ConfigReading reading) {
        Yaml parser = new Yaml(new SafeConstructor(new LoaderOptions()));
        try {
            Node root = parser.compose(new StringReader(yaml));
            if (root instanceof MappingNode mapping) {
                return Optional.of(mapping);
            }
            reading.problem(
                    root == null ? 0 : 1,
                    root == null
                            ? "the file is empty"
                            : "a pipeline is a mapping of keys to values",
                    "docs/configuration.md shows one");
        } catch (MarkedYAMLException e) {
            int line = e.getProblemMark() == null ? 0 : e.getProblemMark().getLine() + 1;
            reading.problem(line, "not YAML: " + e.getProblem(), "Check indentation and quotes");
        } catch (YAMLException e) {
            reading.problem(0, "not YAML: " + e.getMessage(), "");
        }
        return Optional.empty();
    }

    private PipelineConfig pipeline() throws ConfigException {
        Map<Option<?>, Optional<?>> values = new LinkedHashMap<>();
        for (Option<?> option : PipelineSettings.all()) {
            values.put(option, document.get(option));
        }
        new PipelineChecks(document, reading, new Values(values), this::resolve).check();
        reading.throwIfFailed();
        return assemble(new Values(values));
    }

    /** The values read: each of its option's type, as {@link PipelineDocument#get} gave it. */
    record Values(Map<Option<?>, Optional<?>> values) {
        @SuppressWarnings("unchecked")
        <T> Optional<T> find(Option<T> option) {
            return (Optional<T>) values.get(option);
        }

        <T> T get(Option<T> option) {
            return find(option).orElseThrow();
        }
    }

    private PipelineConfig assemble(Values values) {
        String name = values.get(PipelineSettings.NAME_OF_PIPELINE);
        Optional<Integer> parallelism = values.find(PipelineSettings.PARALLELISM);
        Map<String, String> common = new LinkedHashMap<>();
        common.put(
                "bootstrap.servers",
                String.join(",", values.get(PipelineSettings.BOOTSTRAP_SERVERS)));
        common.putAll(texts(values.get(PipelineSettings.KAFKA_PROPERTIES)));
        return new PipelineConfig(
                file,
                name,
                parallelism.map(OptionalInt::of).orElse(OptionalInt.empty()),
                new Checkpointing(
                        values.get(PipelineSettings.CHECKPOINT_INTERVAL),
                        values.get(PipelineSettings.CHECKPOINT_TIMEOUT)),
                source(values, name, common),
                format(values),
                registry(values),
                model(values),
                values.get(PipelineSettings.FEATURES),
                values.get(PipelineSettings.OUTPUTS),
                new Batching(
                        values.get(PipelineSettings.MAX_BATCH_SIZE),
                        values.get(PipelineSettings.LINGER),
                        values.find(PipelineSettings.TARGET_LATENCY)),
                engine(values),
                sink(values, name, common),
                releases(values),
                common);
    }

    private static Source source(Values values, String name, Map<String, String> common) {
        Map<String, String> properties =
                new LinkedHashMap<>(KafkaDefaults.asMap(KafkaDefaults.CONSUMER));
        properties.putAll(common);
        long discoveryMs = values.get(PipelineSettings.PARTITION_DISCOVERY).toMillis();
        // Flink's source turns discovery off for a value that is not positive.
        properties.put(
                "partition.discovery.interval.ms",
                String.valueOf(discoveryMs == 0 ? -1 : discoveryMs));
        properties.putAll(texts(values.get(PipelineSettings.SOURCE_PROPERTIES)));
        return new Source(
                values.get(PipelineSettings.SOURCE_TOPICS),
                values.find(PipelineSettings.GROUP_ID).orElse("millrace-" + name),
                new Start(
                        values.get(PipelineSettings.START),
                        values.get(PipelineSettings.START_FALLBACK),
                        values.find(PipelineSettings.START_TIMESTAMP),
                        offsets(values.get(PipelineSettings.START_OFFSETS))),
                properties);
    }

    private static List<StartOffset> offsets(Map<String, ConfigText> texts) {
        List<StartOffset> offsets = new ArrayList<>();
        texts.forEach(
                (key, text) -> {
                    int colon = key.lastIndexOf(':');
                    offsets.add(
                            new StartOffset(
                                    key.substring(0, colon),
                                    Integer.parseInt(key.substring(colon + 1)),
                                    Long.parseLong(text.value())));
                });
        return offsets;
    }

    private Format format(Values values) {
        return new Format(
                values.get(PipelineSettings.FORMAT),
                values.find(PipelineSettings.SCHEMA_FILE).map(this::resolve),
                values.find(PipelineSettings.SUBJECT)
                        .orElseGet(
                                () ->
                                        SchemaRegistry.subjectOfValues(
                                                values.get(PipelineSettings.SOURCE_TOPICS).get(0))),
                document.line(
                        document.has(PipelineSettings.SCHEMA_FILE)
                                ? PipelineSettings.SCHEMA_FILE
                                : PipelineSettings.FORMAT));
    }

    /**
     * The registry, where a pipeline names one.
     *
     * @throws IllegalArgumentException if its properties are not right
     */
    static Optional<SchemaRegistryOptions> registry(Values values) {
        Optional<String> url = values.find(PipelineSettings.REGISTRY_URL);
        if (url.isEmpty()) {
            return Optional.empty();
        }
        Map<String, String> properties =
                new LinkedHashMap<>(texts(values.get(PipelineSettings.REGISTRY_PROPERTIES)));
        properties.put(SchemaRegistryOptions.URL, url.get());
        values.find(PipelineSettings.REGISTRY_USER)
                .ifPresent(
                        user ->
                                properties.put(
                                        SchemaRegistryOptions.BASIC_AUTH,
                                        user
                                                + ":"
                                                + values.find(PipelineSettings.REGISTRY_PASSWORD)
                                                        .orElse("")));
        return Optional.of(new SchemaRegistryOptions(properties));
    }

    private Model model(Values values) {
        Path modelFile = resolve(values.get(PipelineSettings.MODEL_FILE));
        String fileName = String.valueOf(modelFile.getFileName());
        String stem = fileName.replaceFirst("\\.[^.]+$", "");
        return new Model(
                modelFile,
                values.find(PipelineSettings.MODEL_NAME).orElse(stem),
                values.find(PipelineSettings.MODEL_VERSION),
                document.line(PipelineSettings.MODEL_FILE));
    }

    private static EngineOptions engine(Values values) {
        return new EngineOptions(
                values.get(PipelineSettings.BACKEND),
                values.get(PipelineSettings.MAX_BATCH_SIZE),
                values.get(PipelineSettings.SLOTS),
                values.get(PipelineSettings.PRECISION),
                values.get(PipelineSettings.DEVICE),
                texts(values.get(PipelineSettings.ENGINE_PROPERTIES)));
    }

    private static Optional<Releases> releases(Values values) {
        String scored = values.get(PipelineSettings.SINK_TOPIC);
        return values.find(PipelineSettings.RELEASES_TOPIC)
                .map(
                        topic ->
                                new Releases(
                                        topic,
                                        values.find(PipelineSettings.SHADOW_TOPIC)
                                                .orElse(scored + ".shadow"),
                                        values.get(PipelineSettings.RELEASES_TIMEOUT),
                                        values.get(PipelineSettings.RELEASES_LOCATIONS)));
    }

    private static Sink sink(Values values, String name, Map<String, String> common) {
        Map<String, String> properties =
                new LinkedHashMap<>(KafkaDefaults.asMap(KafkaDefaults.PRODUCER));
        properties.putAll(common);
        properties.putAll(texts(values.get(PipelineSettings.SINK_PROPERTIES)));
        String topic = values.get(PipelineSettings.SINK_TOPIC);
        return new Sink(
                topic,
                values.get(PipelineSettings.SINK_FORMAT),
                values.find(PipelineSettings.DEAD_LETTER_TOPIC).orElse(topic + ".dead-letters"),
                values.get(PipelineSettings.DELIVERY_GUARANTEE),
                values.get(PipelineSettings.TRANSACTION_TIMEOUT),
                values.find(PipelineSettings.TRANSACTIONAL_ID_PREFIX).orElse("millrace-" + name),
                values.get(PipelineSettings.PARTITIONING),
                values.get(PipelineSettings.KEEP_HEADERS),
                values.get(PipelineSettings.TRACE_HEADERS),
                values.get(PipelineSettings.PROVENANCE_HEADER),
                values.get(PipelineSettings.CREATE_TOPICS),
                properties);
    }

    private static Map<String, String> texts(Map<String, ConfigText> texts) {
        Map<String, String> values = new LinkedHashMap<>();
        texts.forEach((key, text) -> values.put(key, text.value()));
        return values;
    }

    private Path resolve(Path path) {
        return file.toAbsolutePath().getParent().resolve(path).normalize();
    }
}
