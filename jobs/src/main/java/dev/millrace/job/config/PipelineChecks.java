package dev.millrace.job.config;

import dev.millrace.job.config.PipelineReader.Values;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/** Cross-checks: what is wrong with a pipeline although every value by itself is right. */
final class PipelineChecks {
    private static final Pattern PARTITION = Pattern.compile(".+:\\d{1,9}");
    private static final Pattern LOCATION = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]+:/\\S*");
    private static final Pattern OFFSET = Pattern.compile("\\d{1,18}");
    private static final Pattern SERVER = Pattern.compile(".+:\\d{1,5}");
    private static final Duration SHORTEST_CHECKPOINT_INTERVAL = Duration.ofMillis(10);

    private final PipelineDocument document;
    private final ConfigReading reading;
    private final Values values;
    private final UnaryOperator<Path> resolve;

    /**
     * @param resolve makes a path absolute that is relative to the pipeline's file
     */
    PipelineChecks(
            PipelineDocument document,
            ConfigReading reading,
            Values values,
            UnaryOperator<Path> resolve) {
        this.document = document;
        this.reading = reading;
        this.values = values;
        this.resolve = resolve;
    }

    void check() {
        servers();
        start();
        releases();
        format();
        registry();
        files();
        topics();
        batching();
        delivery();
        clientProperties();
    }

    private void servers() {
        for (String server : list(PipelineSettings.BOOTSTRAP_SERVERS)) {
            if (!SERVER.matcher(server).matches()) {
                refuse(
                        PipelineSettings.BOOTSTRAP_SERVERS,
                        "'%s' is not host:port".formatted(server),
                        "Write it as localhost:9092");
            }
        }
    }

    private void releases() {
        if (values.find(PipelineSettings.RELEASES_TOPIC).isEmpty()) {
            for (Option<?> option :
                    List.of(
                            PipelineSettings.SHADOW_TOPIC,
                            PipelineSettings.RELEASES_TIMEOUT,
                            PipelineSettings.RELEASES_LOCATIONS)) {
                if (document.has(option)) {
                    refuse(
                            option,
                            "'%s' has no effect without 'releases.topic'".formatted(option.key()),
                            "Add the control topic or remove this");
                }
            }
        }
        for (String location : list(PipelineSettings.RELEASES_LOCATIONS)) {
            if (!LOCATION.matcher(location).matches()) {
                refuse(
                        PipelineSettings.RELEASES_LOCATIONS,
                        "'%s' is no address of a folder".formatted(location),
                        "Write it as 'file:///models/' or 'https://models.example/fraud/'");
            }
        }
    }

    private void start() {
        Optional<StartPosition> start = values.find(PipelineSettings.START);
        if (start.isEmpty()) {
            return;
        }
        requireWith(start.get() == StartPosition.TIMESTAMP, PipelineSettings.START_TIMESTAMP);
        requireWith(start.get() == StartPosition.OFFSETS, PipelineSettings.START_OFFSETS);
        Map<String, ConfigText> offsets =
                values.find(PipelineSettings.START_OFFSETS).orElse(Map.of());
        offsets.forEach(this::startOffset);
    }

    private void requireWith(boolean needed, Option<?> option) {
        String position = option.equals(PipelineSettings.START_OFFSETS) ? "offsets" : "timestamp";
        if (needed && !document.has(option)) {
            refuse(
                    PipelineSettings.START,
                    "'start: %s' needs '%s'".formatted(position, option.key()),
                    "Add it");
        } else if (!needed && document.has(option)) {
            refuse(
                    option,
                    "'%s' has no effect without 'source.start: %s'"
                            .formatted(option.key(), position),
                    "Set 'source.start' or remove this");
        }
    }

    private void startOffset(String key, ConfigText offset) {
        if (!PARTITION.matcher(key).matches() || !OFFSET.matcher(offset.value()).matches()) {
            reading.problem(
                    offset.line(),
                    "'%s: %s' is not 'topic:partition: offset'".formatted(key, offset),
                    "Write it as 'transactions:0: 4096'");
            return;
        }
        String topic = key.substring(0, key.lastIndexOf(':'));
        if (!list(PipelineSettings.SOURCE_TOPICS).contains(topic)) {
            reading.problem(
                    offset.line(),
                    "'%s' is not among 'source.topics'".formatted(topic),
                    "Remove the line or add the topic");
        }
    }

    private void format() {
        Optional<ValueFormat> format = values.find(PipelineSettings.FORMAT);
        if (format.isEmpty()) {
            return;
        }
        String shown = "'format: %s'".formatted(OptionTypes.kebab(format.get()));
        boolean needsSchema =
                switch (format.get()) {
                    case AVRO, AVRO_SINGLE_OBJECT -> true;
                    case CONFLUENT, JSON -> false;
                };
        if (needsSchema && !document.has(PipelineSettings.SCHEMA_FILE)) {
            refuse(
                    PipelineSettings.FORMAT,
                    shown + " needs 'source.schema-file'",
                    "Add the path of the values' Avro schema (.avsc)");
        }
        if (document.has(PipelineSettings.SUBJECT)
                && (format.get() != ValueFormat.CONFLUENT
                        || document.has(PipelineSettings.SCHEMA_FILE))) {
            refuse(
                    PipelineSettings.SUBJECT,
                    "'source.subject' has no effect: the schema comes from elsewhere",
                    "Remove it, or set 'source.format: confluent' without a schema file");
        }
    }

    private void registry() {
        boolean source =
                values.find(PipelineSettings.FORMAT).equals(Optional.of(ValueFormat.CONFLUENT));
        boolean sink =
                values.find(PipelineSettings.SINK_FORMAT)
                        .equals(Optional.of(ScoredFormat.CONFLUENT));
        boolean known = document.has(PipelineSettings.REGISTRY_URL);
        if ((source || sink) && !known) {
            refuse(
                    source ? PipelineSettings.FORMAT : PipelineSettings.SINK_FORMAT,
                    "'format: confluent' needs 'registry.url'",
                    "Add it, or choose 'avro'");
        }
        for (Option<?> option :
                List.of(
                        PipelineSettings.REGISTRY_USER,
                        PipelineSettings.REGISTRY_PASSWORD,
                        PipelineSettings.REGISTRY_PROPERTIES)) {
            if (!known && document.has(option)) {
                refuse(
                        option,
                        "'%s' has no effect without 'registry.url'".formatted(option.key()),
                        "Add the address or remove this");
            }
        }
        if (known && !source && !sink) {
            refuse(
                    PipelineSettings.REGISTRY_URL,
                    "no format is 'confluent', so 'registry.url' has no effect",
                    "Remove it, or set 'source.format' or 'sink.format'");
        }
        if (document.has(PipelineSettings.REGISTRY_PASSWORD)
                && !document.has(PipelineSettings.REGISTRY_USER)) {
            refuse(
                    PipelineSettings.REGISTRY_PASSWORD,
                    "a password without 'registry.user'",
                    "Add the user");
        }
        if (known && values.find(PipelineSettings.REGISTRY_PROPERTIES).isPresent()) {
            try {
                PipelineReader.registry(values);
            } catch (IllegalArgumentException e) {
                refuse(PipelineSettings.REGISTRY_URL, e.getMessage(), "");
            }
        }
    }

    private void files() {
        for (Option<Path> option :
                List.of(PipelineSettings.SCHEMA_FILE, PipelineSettings.MODEL_FILE)) {
            Optional<Path> file = values.find(option).map(resolve);
            if (file.isPresent() && Files.isDirectory(file.get())) {
                refuse(option, "%s is a folder".formatted(file.get()), "Name a file in it");
            } else if (file.isPresent() && !Files.isReadable(file.get())) {
                refuse(
                        option,
                        "there is no readable file %s".formatted(file.get()),
                        "Paths are relative to the pipeline's file");
            }
        }
    }

    private void topics() {
        List<String> sources = list(PipelineSettings.SOURCE_TOPICS);
        if (sources.isEmpty() && document.has(PipelineSettings.SOURCE_TOPICS)) {
            refuse(PipelineSettings.SOURCE_TOPICS, "no source topic", "Name at least one");
        }
        for (String topic : sources) {
            if (!PipelineSettings.TOPIC_NAME.matcher(topic).matches()) {
                refuse(
                        PipelineSettings.SOURCE_TOPICS,
                        "'%s' is not a topic's name".formatted(topic),
                        "Topics have up to 249 letters, digits, '.', '_' and '-'");
            }
        }
        if (sources.stream().distinct().count() < sources.size()) {
            refuse(PipelineSettings.SOURCE_TOPICS, "a topic is listed twice", "Remove one");
        }
        distinct(sources);
    }

    /** Each topic has records of a format of its own, and none of them may come back as input. */
    private void distinct(List<String> sources) {
        Map<String, Use> uses = new LinkedHashMap<>();
        for (String source : sources) {
            uses.put(source, new Use(PipelineSettings.SOURCE_TOPICS, "records to score"));
        }
        Optional<String> sink = values.find(PipelineSettings.SINK_TOPIC);
        sink.ifPresent(topic -> claim(uses, topic, PipelineSettings.SINK_TOPIC, "scored records"));
        derived(PipelineSettings.DEAD_LETTER_TOPIC, sink, ".dead-letters")
                .ifPresent(
                        topic ->
                                claim(
                                        uses,
                                        topic,
                                        PipelineSettings.DEAD_LETTER_TOPIC,
                                        "dead letters"));
        Optional<String> releases = values.find(PipelineSettings.RELEASES_TOPIC);
        if (releases.isPresent()) {
            claim(uses, releases.get(), PipelineSettings.RELEASES_TOPIC, "releases");
            derived(PipelineSettings.SHADOW_TOPIC, sink, ".shadow")
                    .ifPresent(
                            topic ->
                                    claim(
                                            uses,
                                            topic,
                                            PipelineSettings.SHADOW_TOPIC,
                                            "shadow scores"));
        }
    }

    /** What a topic is for, by which option. */
    private record Use(Option<?> option, String records) {}

    private Optional<String> derived(Option<String> option, Optional<String> sink, String ending) {
        return document.has(option) ? values.find(option) : sink.map(topic -> topic + ending);
    }

    private void claim(Map<String, Use> uses, String topic, Option<?> option, String records) {
        Use other = uses.putIfAbsent(topic, new Use(option, records));
        if (other == null) {
            return;
        }
        // Where the file leaves one of the two to its default, the line of the other is shown.
        Option<?> shown = document.has(option) ? option : other.option();
        if (other.option().equals(PipelineSettings.SOURCE_TOPICS)) {
            refuse(
                    shown,
                    "'%s' is a source topic too: the pipeline would feed itself".formatted(topic),
                    "Write %s to another topic, by '%s'".formatted(records, option.key()));
            return;
        }
        refuse(
                shown,
                "%s and %s share the topic '%s'".formatted(records, other.records(), topic),
                "Give them different topics, by '%s': they have different formats"
                        .formatted(option.key()));
    }

    private void batching() {
        Optional<Duration> linger = values.find(PipelineSettings.LINGER);
        Optional<Duration> target = values.find(PipelineSettings.TARGET_LATENCY);
        if (linger.isPresent() && target.isPresent() && linger.get().compareTo(target.get()) >= 0) {
            refuse(
                    document.has(PipelineSettings.LINGER)
                            ? PipelineSettings.LINGER
                            : PipelineSettings.TARGET_LATENCY,
                    "linger %s leaves nothing of the target latency %s"
                            .formatted(
                                    Durations.format(linger.get()), Durations.format(target.get())),
                    "Set 'batching.linger' to half of 'batching.target-latency' or less");
        }
    }

    private void delivery() {
        Optional<Duration> interval = values.find(PipelineSettings.CHECKPOINT_INTERVAL);
        if (interval.isPresent() && interval.get().compareTo(SHORTEST_CHECKPOINT_INTERVAL) < 0) {
            refuse(
                    PipelineSettings.CHECKPOINT_INTERVAL,
                    "checkpoints every %s".formatted(Durations.format(interval.get())),
                    "Set at least 10 ms");
        }
        Optional<Delivery> delivery = values.find(PipelineSettings.DELIVERY_GUARANTEE);
        boolean exactlyOnce = delivery.equals(Optional.of(Delivery.EXACTLY_ONCE));
        if (delivery.isPresent() && !exactlyOnce) {
            noEffect(PipelineSettings.TRANSACTION_TIMEOUT);
            noEffect(PipelineSettings.TRANSACTIONAL_ID_PREFIX);
        }
        delivery.ifPresent(
                promised ->
                        new ProducerPromises(
                                        reading,
                                        promised,
                                        map(PipelineSettings.KAFKA_PROPERTIES),
                                        map(PipelineSettings.SINK_PROPERTIES))
                                .check());
        Optional<Duration> timeout = values.find(PipelineSettings.TRANSACTION_TIMEOUT);
        if (!exactlyOnce || timeout.isEmpty() || interval.isEmpty()) {
            return;
        }
        if (timeout.get().compareTo(interval.get().multipliedBy(2)) < 0) {
            refuse(
                    PipelineSettings.TRANSACTION_TIMEOUT,
                    "a transaction timeout of %s does not outlive two checkpoint intervals of %s"
                            .formatted(
                                    Durations.format(timeout.get()),
                                    Durations.format(interval.get())),
                    "Raise 'sink.transaction-timeout' or lower 'checkpointing.interval'");
        }
    }

    private void noEffect(Option<?> option) {
        if (document.has(option)) {
            refuse(
                    option,
                    "'%s' has no effect with 'delivery-guarantee: at-least-once'"
                            .formatted(option.key()),
                    "Remove it, or set 'sink.delivery-guarantee: exactly-once'");
        }
    }

    private void clientProperties() {
        for (Option<Map<String, ConfigText>> option :
                List.of(
                        PipelineSettings.KAFKA_PROPERTIES,
                        PipelineSettings.SOURCE_PROPERTIES,
                        PipelineSettings.SINK_PROPERTIES)) {
            values.find(option)
                    .ifPresent(properties -> KafkaProperties.check(reading, option, properties));
        }
    }

    private Map<String, ConfigText> map(Option<Map<String, ConfigText>> option) {
        return values.find(option).orElse(Map.of());
    }

    private List<String> list(Option<List<String>> option) {
        return values.find(option).orElse(List.of());
    }

    private void refuse(Option<?> option, String message, String fix) {
        reading.problem(document.line(option), message, fix);
    }
}
