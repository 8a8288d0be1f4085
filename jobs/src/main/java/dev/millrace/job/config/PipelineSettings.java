package dev.millrace.job.config;

import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.Precision;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Every option of a pipeline: this class, the reader and the documentation know no other. */
public final class PipelineSettings {
    private PipelineSettings() {}

    private static final OptionType<String> NAME =
            OptionTypes.matching(
                    "name",
                    Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9._-]{0,127}"),
                    "a name of letters, digits, '.', '_' and '-'");
    static final Pattern TOPIC_NAME = Pattern.compile("(?!\\.{1,2}$)[a-zA-Z0-9._-]{1,249}");
    private static final OptionType<String> TOPIC =
            OptionTypes.matching(
                    "topic",
                    TOPIC_NAME,
                    "a topic's name: up to 249 letters, digits, '.', '_' and '-'");

    static final Option<String> NAME_OF_PIPELINE =
            Option.required(
                    "pipeline.name",
                    NAME,
                    "The pipeline's name: part of every scored record and dead letter, of the"
                            + " transactional ids and of the consumer group. Renaming a pipeline"
                            + " makes it another one, which starts anew.");
    static final Option<Integer> PARALLELISM =
            Option.derived(
                            "pipeline.parallelism",
                            OptionTypes.integer(1, 32_768),
                            "what Flink is configured for; 1 under `millrace score`",
                            "Parallel tasks, each with an engine of its own. More than the source"
                                    + " has partitions leaves tasks idle.")
                    .unit("tasks");
    static final Option<Duration> CHECKPOINT_INTERVAL =
            Option.of(
                    "checkpointing.interval",
                    OptionTypes.DURATION,
                    Duration.ofSeconds(5),
                    "Time between two checkpoints. With `exactly-once` a reader of committed"
                            + " records sees scored records when the checkpoint after them is"
                            + " complete, so this is also the larger part of its latency.");
    static final Option<Duration> CHECKPOINT_TIMEOUT =
            Option.of(
                    "checkpointing.timeout",
                    OptionTypes.DURATION,
                    Duration.ofMinutes(2),
                    "A checkpoint that takes longer is given up.");

    static final Option<List<String>> BOOTSTRAP_SERVERS =
            Option.required(
                    "kafka.bootstrap-servers",
                    CollectionTypes.STRINGS,
                    "Brokers to start from, `host:port` each.");
    static final Option<Map<String, ConfigText>> KAFKA_PROPERTIES =
            Option.of(
                    "kafka.properties",
                    CollectionTypes.MAP,
                    Map.of(),
                    "Kafka client properties for consumer, producer and administration alike, for"
                            + " example `security.protocol` and `sasl.jaas.config`.");

    static final Option<List<String>> SOURCE_TOPICS =
            Option.required(
                    "source.topics",
                    CollectionTypes.STRINGS,
                    "The topic or topics whose records are scored; one format for all of them.");
    static final Option<String> GROUP_ID =
            Option.derived(
                    "source.group-id",
                    OptionTypes.STRING,
                    "`millrace-` and the pipeline's name",
                    "The consumer group that offsets are committed under. For lag monitoring and"
                            + " `start: committed`; a resumed job takes its offsets from the"
                            + " checkpoint.");
    static final Option<StartPosition> START =
            Option.of(
                    "source.start",
                    OptionTypes.oneOf(StartPosition.class),
                    StartPosition.COMMITTED,
                    "Where to start without a checkpoint. A job that was stopped goes on exactly only"
                            + " from its checkpoint or savepoint; committed offsets trail behind"
                            + " it, so that `committed` may score some records again.");
    static final Option<StartFallback> START_FALLBACK =
            Option.of(
                    "source.start-fallback",
                    OptionTypes.oneOf(StartFallback.class),
                    StartFallback.EARLIEST,
                    "Where a partition starts that `committed` or `offsets` say nothing about;"
                            + " `none` fails the job instead.");
    static final Option<Instant> START_TIMESTAMP =
            Option.derived(
                    "source.start-timestamp",
                    OptionTypes.INSTANT,
                    "none",
                    "With `start: timestamp`: the first record timestamp to score.");
    static final Option<Map<String, ConfigText>> START_OFFSETS =
            Option.of(
                    "source.start-offsets",
                    CollectionTypes.MAP,
                    Map.of(),
                    "With `start: offsets`: the first offset of each partition, keyed"
                            + " `topic:partition`.");
    static final Option<Duration> PARTITION_DISCOVERY =
            Option.of(
                    "source.partition-discovery",
                    OptionTypes.DURATION,
                    Duration.ofMinutes(5),
                    "How often to look for new partitions of the source topics; `0 ms` never.");
    static final Option<Map<String, ConfigText>> SOURCE_PROPERTIES =
            Option.of(
                    "source.properties",
                    CollectionTypes.MAP,
                    Map.of(),
                    "Kafka consumer properties; win over `kafka.properties` and over the defaults"
                            + " below.");
    static final Option<ValueFormat> FORMAT =
            Option.required(
                    "source.format",
                    OptionTypes.oneOf(ValueFormat.class),
                    "How values are encoded: `avro` (binary, the writer's schema in a file),"
                            + " `confluent` (binary behind a schema id, schemas in a registry),"
                            + " `avro-single-object` (binary behind a fingerprint, schemas in a"
                            + " file) or `json` (one object a value, a schema is optional).");
    static final Option<Path> SCHEMA_FILE =
            Option.derived(
                    "source.schema-file",
                    OptionTypes.FILE,
                    "none; needed by `avro` and `avro-single-object`",
                    "Avro schema (`.avsc`) of the values, relative to the pipeline's file. With"
                            + " `confluent` records are read as this schema, whatever schema they"
                            + " were written with; without it, as the latest in the registry. With"
                            + " `json` paths are checked against it and its defaults and enum"
                            + " symbols count; without it, a wrong path shows with the first"
                            + " record.");
    static final Option<String> SUBJECT =
            Option.derived(
                    "source.subject",
                    OptionTypes.STRING,
                    "first source topic and `-value`",
                    "With `confluent` and no schema file: the subject whose latest schema the"
                            + " features are planned against.");

    static final Option<String> REGISTRY_URL =
            Option.derived(
                    "registry.url",
                    OptionTypes.STRING,
                    "none; needed by the formats `confluent`",
                    "Address of the schema registry; several, joined by commas, stand in for each"
                            + " other.");
    static final Option<String> REGISTRY_USER =
            Option.derived("registry.user", OptionTypes.STRING, "none", "User of the registry.");
    static final Option<String> REGISTRY_PASSWORD =
            Option.derived(
                    "registry.password",
                    OptionTypes.STRING,
                    "none",
                    "The user's password; write a placeholder, not the password.");
    static final Option<Map<String, ConfigText>> REGISTRY_PROPERTIES =
            Option.of(
                    "registry.properties",
                    CollectionTypes.MAP,
                    Map.of(),
                    "Further properties as the registry's own clients name them, for example"
                            + " `schema.registry.ssl.truststore.location`,"
                            + " `bearer.auth.token` or `schema.registry.request.timeout.ms`.");

    static final Option<Path> MODEL_FILE =
            Option.required(
                    "model.file",
                    OptionTypes.FILE,
                    "The ONNX model, relative to the pipeline's file. It is read where the job is"
                            + " started and travels with the job.");
    static final Option<String> MODEL_NAME =
            Option.derived(
                    "model.name",
                    NAME,
                    "the file's name without its ending",
                    "The model's name in scored records.");
    static final Option<String> MODEL_VERSION =
            Option.derived(
                    "model.version",
                    NAME,
                    "the first 12 digits of the file's SHA-256",
                    "The model's version in scored records.");
    static final Option<FeatureSettings> FEATURES =
            Option.of(
                    "features",
                    new FeatureType(),
                    FeatureSettings.auto(),
                    "The fields that fill the model's inputs, column by column: a list for a model"
                            + " with one input, a mapping of inputs to lists otherwise. A field is"
                            + " a path (`card.country`) or `{path: card.age, default: 0}`, the"
                            + " default standing in for null; further keys are `elements` (how many"
                            + " elements of the input an array or byte field fills), `categories`"
                            + " (strings whose index is the value) and `mapping` (`value`,"
                            + " `raw-elements` or `unsigned-bytes`: how bytes become elements)."
                            + " `auto`: every input reads the field of its own name.");
    static final Option<OutputSettings> OUTPUTS =
            Option.of(
                    "outputs",
                    new OutputType(),
                    OutputSettings.all(),
                    "The model's outputs that scored records carry: `all`, a list, or a mapping of"
                            + " outputs to the names they get. A list item may take one element:"
                            + " `{output: probabilities, element: 1, name: fraud}`; `element` is an"
                            + " index or the name of a class.");

    static final Option<Integer> MAX_BATCH_SIZE =
            Option.of(
                            "batching.max-batch-size",
                            OptionTypes.integer(1, 1 << 20),
                            1024,
                            "The most records in a micro-batch. Buffers are allocated for it once,"
                                    + " when the job starts.")
                    .unit("records");
    static final Option<Duration> LINGER =
            Option.of(
                    "batching.linger",
                    OptionTypes.DURATION,
                    Duration.ofMillis(2),
                    "The longest that a record waits for its micro-batch to fill.");
    static final Option<Duration> TARGET_LATENCY =
            Option.derived(
                    "batching.target-latency",
                    OptionTypes.DURATION,
                    "none: micro-batches close by size and linger alone",
                    "Adapts the size that micro-batches aim for, up to `max-batch-size`, so that 99"
                            + " of 100 records leave the operator within this time.");

    static final Option<String> BACKEND =
            Option.of(
                    "engine.backend",
                    OptionTypes.oneOf(List.of(EngineOptions.AUTO, "cuda", "cpu", "onnxruntime")),
                    EngineOptions.AUTO,
                    "What scores. `auto` takes `cuda` where there is a GPU and it covers the model,"
                            + " else `cpu` where that covers it, else `onnxruntime`, and logs"
                            + " which and why.");
    static final Option<Precision> PRECISION =
            Option.of(
                    "engine.precision",
                    OptionTypes.oneOf(Precision.class),
                    Precision.FP32,
                    "The arithmetic.");
    static final Option<Integer> SLOTS =
            Option.of(
                            "engine.slots",
                            OptionTypes.integer(2, 64),
                            4,
                            "Micro-batches that can be filled, scored and read at the same time;"
                                    + " with all of them busy the source stops reading.")
                    .unit("micro-batches");
    static final Option<Integer> DEVICE =
            Option.of(
                    "engine.device",
                    OptionTypes.integer(0, 1023),
                    0,
                    "Ordinal of the GPU where there are several.");
    static final Option<Map<String, ConfigText>> ENGINE_PROPERTIES =
            Option.of(
                    "engine.properties",
                    CollectionTypes.MAP,
                    Map.of(),
                    "Settings of one backend, keyed `backend.setting`; unknown ones are refused by"
                            + " the backend.");

    static final Option<String> SINK_TOPIC =
            Option.required(
                    "sink.topic",
                    TOPIC,
                    "The topic of scored records. They keep key and timestamp of their input.");
    static final Option<ScoredFormat> SINK_FORMAT =
            Option.of(
                    "sink.format",
                    OptionTypes.oneOf(ScoredFormat.class),
                    ScoredFormat.AVRO,
                    "How scored records are encoded: `avro` (binary, readers know the schema),"
                            + " `avro-single-object` (with the schema's fingerprint) or `confluent`"
                            + " (with the id under which the schema is registered, as subject"
                            + " `<topic>-value`, when the job starts).");
    static final Option<Delivery> DELIVERY_GUARANTEE =
            Option.of(
                    "sink.delivery-guarantee",
                    OptionTypes.oneOf(Delivery.class),
                    Delivery.EXACTLY_ONCE,
                    "For scored records and dead letters. `exactly-once` writes in transactions"
                            + " that are committed with each checkpoint; read the topics with"
                            + " `isolation.level=read_committed`. `at-least-once` shows scored"
                            + " records at once and may repeat some after a failure.");
    static final Option<Duration> TRANSACTION_TIMEOUT =
            Option.of(
                    "sink.transaction-timeout",
                    OptionTypes.DURATION,
                    Duration.ofMinutes(14),
                    "The broker aborts a transaction that stays open longer. A job that is down for"
                            + " longer than this loses what its last transaction held, so make it"
                            + " as long as the broker's `transaction.max.timeout.ms` (15 min by"
                            + " default) allows.");
    static final Option<String> TRANSACTIONAL_ID_PREFIX =
            Option.derived(
                    "sink.transactional-id-prefix",
                    NAME,
                    "`millrace-` and the pipeline's name",
                    "Begins the transactional ids. Unique among all jobs of the Kafka cluster, and"
                            + " the same whenever this pipeline is started.");
    static final Option<Partitioning> PARTITIONING =
            Option.of(
                    "sink.partitioning",
                    OptionTypes.oneOf(Partitioning.class),
                    Partitioning.SOURCE,
                    "Where scored records go: `source`, the number of their source partition"
                            + " (modulo the sink topic's partitions), which keeps the order of a"
                            + " partition; or `key`, Kafka's partitioner.");
    static final Option<List<String>> KEEP_HEADERS =
            Option.of(
                    "sink.keep-headers",
                    CollectionTypes.STRINGS,
                    List.of(),
                    "Names of headers that scored records keep from their input, for example"
                            + " `[tenant]`. Dead letters keep all.");
    static final Option<Boolean> TRACE_HEADERS =
            Option.of(
                    "sink.trace-headers",
                    OptionTypes.BOOLEAN,
                    true,
                    "Scored records carry the W3C trace context of their input, the headers"
                            + " `traceparent` and `tracestate`, unchanged, so that a trace goes on"
                            + " behind the pipeline. Costs nothing where records have none.");
    static final Option<Boolean> PROVENANCE_HEADER =
            Option.of(
                    "sink.provenance-header",
                    OptionTypes.BOOLEAN,
                    true,
                    "Scored records say in a header named `millrace` when and by which engine they"
                            + " were scored, and how exact that engine is. The value of a scored"
                            + " record never depends on these. A header is not free: with small"
                            + " records it can cost a tenth of the throughput.");
    static final Option<Boolean> CREATE_TOPICS =
            Option.of(
                    "sink.create-topics",
                    OptionTypes.BOOLEAN,
                    true,
                    "Creates the sink topic and the dead-letter topic where they are missing, with"
                            + " as many partitions as the source has and the broker's defaults.");
    static final Option<Map<String, ConfigText>> SINK_PROPERTIES =
            Option.of(
                    "sink.properties",
                    CollectionTypes.MAP,
                    Map.of(),
                    "Kafka producer properties; win over `kafka.properties` and over the defaults"
                            + " below.");
    static final Option<String> DEAD_LETTER_TOPIC =
            Option.derived(
                    "dead-letters.topic",
                    TOPIC,
                    "the sink topic and `.dead-letters`",
                    "Where records go that cannot be decoded or scored: as they were, with the"
                            + " cause in `millrace.error.*` headers.");

    static final Option<String> RELEASES_TOPIC =
            Option.derived(
                    "releases.topic",
                    TOPIC,
                    "none: the pipeline's model scores everything",
                    "The control topic: model releases and what became of them. With it `millrace"
                            + " model release` changes the version that scores without stopping the"
                            + " job. Compacted, one partition; created where it is missing.");
    static final Option<String> SHADOW_TOPIC =
            Option.derived(
                    "releases.shadow-topic",
                    TOPIC,
                    "the sink topic and `.shadow`",
                    "Where the scores of shadow versions go, each with a header"
                            + " `millrace.difference` to the main score.");
    static final Option<Duration> RELEASES_TIMEOUT =
            Option.of(
                    "releases.timeout",
                    OptionTypes.DURATION,
                    Duration.ofMinutes(2),
                    "How long tasks may take to load a released version before it is refused."
                            + " Meanwhile records that it claims wait.");

    static final Option<List<String>> RELEASES_LOCATIONS =
            Option.of(
                    "releases.locations",
                    CollectionTypes.STRINGS,
                    List.of(),
                    "Addresses of folders that released artifacts may come from, for example"
                            + " `file:///models/` or `https://models.example/fraud/`; a release of"
                            + " anything else is refused, and so is a redirect. The default allows"
                            + " any: whoever can write to the control topic then has tasks open"
                            + " any file or address that they can reach, and the job warns at its"
                            + " start. What is read has to have the release's SHA-256 in any"
                            + " case.");

    /** All options, in the order of the documentation. */
    public static List<Option<?>> all() {
        return List.of(
                NAME_OF_PIPELINE,
                PARALLELISM,
                CHECKPOINT_INTERVAL,
                CHECKPOINT_TIMEOUT,
                BOOTSTRAP_SERVERS,
                KAFKA_PROPERTIES,
                SOURCE_TOPICS,
                GROUP_ID,
                START,
                START_FALLBACK,
                START_TIMESTAMP,
                START_OFFSETS,
                PARTITION_DISCOVERY,
                SOURCE_PROPERTIES,
                FORMAT,
                SCHEMA_FILE,
                SUBJECT,
                REGISTRY_URL,
                REGISTRY_USER,
                REGISTRY_PASSWORD,
                REGISTRY_PROPERTIES,
                MODEL_FILE,
                MODEL_NAME,
                MODEL_VERSION,
                FEATURES,
                OUTPUTS,
                MAX_BATCH_SIZE,
                LINGER,
                TARGET_LATENCY,
                BACKEND,
                PRECISION,
                SLOTS,
                DEVICE,
                ENGINE_PROPERTIES,
                SINK_TOPIC,
                SINK_FORMAT,
                DELIVERY_GUARANTEE,
                TRANSACTION_TIMEOUT,
                TRANSACTIONAL_ID_PREFIX,
                PARTITIONING,
                KEEP_HEADERS,
                TRACE_HEADERS,
                PROVENANCE_HEADER,
                CREATE_TOPICS,
                SINK_PROPERTIES,
                DEAD_LETTER_TOPIC,
                RELEASES_TOPIC,
                SHADOW_TOPIC,
                RELEASES_TIMEOUT,
                RELEASES_LOCATIONS);
    }
}
