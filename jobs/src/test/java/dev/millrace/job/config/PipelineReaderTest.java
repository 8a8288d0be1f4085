package dev.millrace.job.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.millrace.gpu.engine.Precision;
import dev.millrace.schema.feature.FeatureMapping;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PipelineReaderTest {
    private static final String MINIMAL =
            """
            pipeline:
              name: card-fraud
            kafka:
              bootstrap-servers: localhost:9092
            source:
              topics: transactions
              format: avro
              schema-file: tx.avsc
            model:
              file: fraud.onnx
            sink:
              topic: scored
            """;

    private static final String IN_FLIGHT = "max.in.flight.requests.per.connection";

    @TempDir private Path folder;
    private final Map<String, String> environment = Map.of("USER_NAME", "millrace", "N", "7");

    @BeforeEach
    void createFiles() throws IOException {
        Files.writeString(folder.resolve("tx.avsc"), "{}");
        Files.writeString(folder.resolve("fraud.onnx"), "model");
        Files.writeString(folder.resolve("password"), "swordfish\n");
    }

    private PipelineConfig read(String yaml) throws ConfigException {
        return PipelineReader.read(folder.resolve("p.yaml"), yaml, environment);
    }

    private List<ConfigProblem> problems(String yaml) {
        return catchThrowableOfType(ConfigException.class, () -> read(yaml)).problems();
    }

    private ConfigProblem problem(String yaml) {
        List<ConfigProblem> problems = problems(yaml);
        assertThat(problems).hasSize(1);
        return problems.get(0);
    }

    @Test
    void fillsInEveryDefault() throws ConfigException {
        PipelineConfig config = read(MINIMAL);

        assertThat(config.name()).isEqualTo("card-fraud");
        assertThat(config.source().topics()).containsExactly("transactions");
        assertThat(config.source().groupId()).isEqualTo("millrace-card-fraud");
        assertThat(config.source().start().position()).isEqualTo(StartPosition.COMMITTED);
        assertThat(config.format().schemaFile()).contains(folder.resolve("tx.avsc"));
        assertThat(config.model().name()).isEqualTo("fraud");
        assertThat(config.model().version()).isEmpty();
        assertThat(config.features().isAuto()).isTrue();
        assertThat(config.outputs().isAll()).isTrue();
        assertThat(config.batching().linger()).isEqualTo(Duration.ofMillis(2));
        assertThat(config.engine().backend()).isEqualTo("auto");
        assertThat(config.engine().maxBatchSize()).isEqualTo(1024);
        assertThat(config.sink().delivery()).isEqualTo(Delivery.EXACTLY_ONCE);
        assertThat(config.sink().deadLetterTopic()).isEqualTo("scored.dead-letters");
        assertThat(config.sink().transactionalIdPrefix()).isEqualTo("millrace-card-fraud");
        assertThat(config.sink().transactionTimeout()).isLessThan(Duration.ofMinutes(15));
    }

    @Test
    void setsTheClientPropertiesThatSpeedNeeds() throws ConfigException {
        PipelineConfig config =
                read(MINIMAL + "  properties: {batch.size: 1000, compression.type: lz4}\n");

        assertThat(config.source().properties())
                .containsEntry("max.poll.records", "4096")
                .containsEntry("isolation.level", "read_committed")
                .containsEntry("bootstrap.servers", "localhost:9092");
        assertThat(config.sink().properties())
                .containsEntry("batch.size", "1000")
                .containsEntry("compression.type", "lz4")
                .doesNotContainKey("max.poll.records");
    }

    @Test
    void readsEveryKindOfFeatures() throws ConfigException {
        FeatureSettings list = read(MINIMAL + "features: [a, {path: b.c, default: 0}]").features();
        assertThat(list.inputs()).hasSize(1);
        assertThat(list.inputs().get(0).name()).isEmpty();
        assertThat(list.inputs().get(0).features())
                .extracting(FeatureSettings.Feature::path)
                .containsExactly("a", "b.c");
        assertThat(list.inputs().get(0).features().get(1).fallback()).contains("0");

        FeatureSettings mapping = read(MINIMAL + "features:\n  x: [a, b]\n  y: c\n").features();
        assertThat(mapping.inputs())
                .extracting(FeatureSettings.Input::name)
                .containsExactly(Optional.of("x"), Optional.of("y"));
    }

    @Test
    void readsSelectedAndRenamedOutputs() throws ConfigException {
        assertThat(read(MINIMAL + "outputs: [label]").outputs().outputs())
                .extracting(OutputSettings.Output::recordName)
                .containsExactly("label");
        OutputSettings.Output renamed =
                read(MINIMAL + "outputs: {probabilities: fraud}").outputs().outputs().get(0);
        assertThat(renamed.modelName()).isEqualTo("probabilities");
        assertThat(renamed.recordName()).isEqualTo("fraud");
    }

    @Test
    void readsOneElementOfAnOutput() throws ConfigException {
        String element = "outputs: [{output: probabilities, element: 1, name: fraud}]";
        assertThat(read(MINIMAL + element).outputs().outputs().get(0))
                .isEqualTo(
                        new OutputSettings.Output("probabilities", Optional.of("1"), "fraud", 13));
        assertThat(problem(MINIMAL + "outputs: [{output: a, elment: 1}]").fix())
                .isEqualTo("Did you mean 'element'?");
    }

    @Test
    void readsEverythingAFeatureCanSay() throws ConfigException {
        String item = "{path: country, categories: [de, fr], elements: 2, mapping: raw-elements}";
        assertThat(read(MINIMAL + "features: [" + item + "]").features().inputs().get(0).features())
                .containsExactly(
                        new FeatureSettings.Feature(
                                "country",
                                Optional.empty(),
                                Optional.of(2),
                                List.of("de", "fr"),
                                FeatureMapping.RAW_ELEMENTS,
                                13));
        assertThat(problem(MINIMAL + "features: [{path: a, defualt: 1}]").fix())
                .isEqualTo("Did you mean 'default'?");
        assertThat(problem(MINIMAL + "features: [{default: 1}]").message())
                .isEqualTo("a feature without 'path'");
    }

    @Test
    void readsEngineAndBatching() throws ConfigException {
        PipelineConfig config =
                read(
                        MINIMAL
                                + """
                                batching: {max-batch-size: 4_096, linger: 500 us, target-latency: 5ms}
                                engine:
                                  backend: cpu
                                  precision: int8
                                  slots: 3
                                  properties: {cpu.threads: 2}
                                """);

        assertThat(config.batching().maxBatchSize()).isEqualTo(4096);
        assertThat(config.batching().linger()).isEqualTo(Duration.ofNanos(500_000));
        assertThat(config.batching().targetLatency()).contains(Duration.ofMillis(5));
        assertThat(config.engine().backend()).isEqualTo("cpu");
        assertThat(config.engine().precision()).isEqualTo(Precision.INT8);
        assertThat(config.engine().slots()).isEqualTo(3);
        assertThat(config.engine().properties()).containsEntry("cpu.threads", "2");
    }

    @Test
    void resolvesPlaceholdersAndKeepsThemSecret() throws ConfigException {
        PipelineConfig config =
                read(
                        MINIMAL
                                + """
                                  properties:
                                    client.id: ${USER_NAME}-${REGION:-eu}
                                    sasl.jaas.config: user ${USER_NAME} ${file:password} $${x}
                                """);

        assertThat(config.sink().properties())
                .containsEntry("client.id", "millrace-eu")
                .containsEntry("sasl.jaas.config", "user millrace swordfish ${x}");
        assertThat(config.toString() + config.sink()).doesNotContain("swordfish");
    }

    @Test
    void doesNotShowASecretThatHasTheWrongType() {
        ConfigProblem problem = problem(MINIMAL + "  properties: {linger.ms: \"${USER_NAME}\"}");

        assertThat(problem.message()).contains("linger.ms").doesNotContain("'millrace'");
        assertThat(problem.fix()).doesNotContain("millrace");
    }

    @Test
    void namesTheVariableThatIsNotSet() {
        ConfigProblem problem = problem(MINIMAL.replace("card-fraud", "${NOPE}"));

        assertThat(problem.line()).isEqualTo(2);
        assertThat(problem.message()).contains("NOPE is not set");
    }

    @Test
    void suggestsTheNearestKey() {
        ConfigProblem problem = problem(MINIMAL + "batching:\n  linnger: 5 ms\n");

        assertThat(problem.line()).isEqualTo(14);
        assertThat(problem.message()).isEqualTo("unknown key 'batching.linnger'");
        assertThat(problem.fix()).isEqualTo("Did you mean 'batching.linger'?");
        assertThat(problem.toString())
                .isEqualTo(
                        folder.resolve("p.yaml")
                                + ":14: unknown key 'batching.linnger'."
                                + " Did you mean 'batching.linger'?");
    }

    @Test
    void suggestsTheGroupThatAKeyBelongsTo() {
        assertThat(problem(MINIMAL + "linger: 5 ms\n").fix())
                .isEqualTo("Did you mean 'batching.linger'?");
        assertThat(problem(MINIMAL + "bathcing: {linger: 5 ms}\n").fix())
                .isEqualTo("Did you mean 'batching'?");
        assertThat(problem(MINIMAL + "batching: 5\n").fix())
                .isEqualTo("It has 'max-batch-size', 'linger', 'target-latency'");
    }

    @Test
    void collectsAllProblemsInTheOrderOfTheirLines() {
        List<ConfigProblem> problems =
                problems(
                        MINIMAL.replace("topics: transactions", "topic: transactions")
                                + """
                                batching:
                                  max-batch-size: many
                                  linger: 5
                                engine:
                                  backend: gpu
                                """);

        assertThat(problems).extracting(ConfigProblem::line).containsExactly(0, 6, 14, 15, 17);
        assertThat(problems.get(0).message()).isEqualTo("'source.topics' is missing");
        assertThat(problems.get(1).fix()).isEqualTo("Did you mean 'source.topics'?");
        assertThat(problems.get(2).message())
                .isEqualTo("expected a whole number from 1 to 1048576, found 'many'");
        assertThat(problems.get(3).message()).contains("a duration with its unit").contains("'5'");
        assertThat(problems.get(4).message())
                .isEqualTo("expected one of auto, cuda, cpu, onnxruntime, found 'gpu'");
    }

    @Test
    void refusesAKeySetTwice() {
        assertThat(problem(MINIMAL + "sink.topic: other\n").message())
                .isEqualTo("'sink.topic' is set twice, first in line 12");
    }

    @Test
    void refusesAPipelineThatFeedsItself() {
        assertThat(problem(MINIMAL.replace("topic: scored", "topic: transactions")).line())
                .isEqualTo(12);
        assertThat(problem(MINIMAL + "dead-letters: {topic: scored}").message())
                .contains("share the topic 'scored'");
    }

    @Test
    void refusesTopicsThatAreUsedTwice() throws ConfigException {
        ConfigProblem source = problem(MINIMAL + "releases:\n  topic: transactions\n");
        assertThat(source.line()).isEqualTo(14);
        assertThat(source.message())
                .isEqualTo("'transactions' is a source topic too: the pipeline would feed itself");
        assertThat(source.fix()).isEqualTo("Write releases to another topic, by 'releases.topic'");
        assertThat(problem(MINIMAL + "releases: {topic: scored}").message())
                .isEqualTo("releases and scored records share the topic 'scored'");
        assertThat(problem(MINIMAL + "releases: {topic: scored.dead-letters}").message())
                .isEqualTo("releases and dead letters share the topic 'scored.dead-letters'");
        ConfigProblem shadow = problem(MINIMAL + "releases: {topic: r, shadow-topic: r}");
        assertThat(shadow.message()).isEqualTo("shadow scores and releases share the topic 'r'");
        assertThat(problem(MINIMAL + "releases: {topic: r, shadow-topic: scored}").message())
                .isEqualTo("shadow scores and scored records share the topic 'scored'");
        ConfigProblem byDefault = problem(MINIMAL + "releases:\n  topic: scored.shadow\n");
        assertThat(byDefault.message()).contains("share the topic 'scored.shadow'");
        assertThat(byDefault.line()).isEqualTo(14);
        assertThat(read(MINIMAL + "releases: {topic: r, shadow-topic: s}").releases()).isPresent();
    }

    @Test
    void refusesReleaseSettingsWithoutAControlTopic() {
        for (String setting :
                List.of("shadow-topic: s", "timeout: 1 min", "locations: 'file:///m/'")) {
            ConfigProblem problem = problem(MINIMAL + "releases:\n  " + setting + "\n");
            assertThat(problem.line()).isEqualTo(14);
            assertThat(problem.message()).contains("has no effect without 'releases.topic'");
        }
    }

    @Test
    void refusesTopicsThatClashByTheirDefaults() {
        String fed = MINIMAL.replace("topics: transactions", "topics: [scored.dead-letters, t]");
        ConfigProblem problem = problem(fed);
        assertThat(problem.line()).isEqualTo(6);
        assertThat(problem.fix())
                .isEqualTo("Write dead letters to another topic, by 'dead-letters.topic'");
    }

    @Test
    void refusesProducerPropertiesThatBreakTheGuarantee() throws ConfigException {
        String own = MINIMAL + "  delivery-guarantee: %s\n  properties: {%s}\n";
        for (String delivery : List.of("exactly-once", "at-least-once")) {
            for (String acks : List.of("0", "1")) {
                ConfigProblem lost = problem(own.formatted(delivery, "acks: '" + acks + "'"));
                assertThat(lost.line()).isEqualTo(14);
                assertThat(lost.message())
                        .isEqualTo(
                                "in 'sink.properties': 'acks: %s' with 'delivery-guarantee: %s': a broker that fails loses records that it acknowledged",
                                acks, delivery);
                assertThat(lost.fix()).isEqualTo("Remove it, or set it to all");
            }
            assertThat(problem(own.formatted(delivery, property(IN_FLIGHT, "6"))).message())
                    .contains("with at most 5");
            assertThat(
                            read(own.formatted(delivery, "acks: all, " + property(IN_FLIGHT, "5")))
                                    .sink()
                                    .properties())
                    .containsEntry("acks", "all");
            read(own.formatted(delivery, "acks: -1, enable.idempotence: true"));
        }
    }

    @Test
    void refusesTransactionsWithoutIdempotence() {
        String own = MINIMAL + "  properties: {%s}\n";
        assertThat(problem(own.formatted("enable.idempotence: false, " + property(IN_FLIGHT, "1"))))
                .satisfies(problem -> assertThat(problem.line()).isEqualTo(13))
                .satisfies(
                        problem ->
                                assertThat(problem.fix())
                                        .isEqualTo("Remove it, or set it to true"));
        assertThat(problem(own.formatted("retries: 0")).message())
                .contains("transactions need retries");
        ConfigProblem common =
                problem(MINIMAL.replace("kafka:\n", "kafka:\n  properties: {acks: 1}\n"));
        assertThat(common.line()).isEqualTo(4);
        assertThat(common.message()).startsWith("in 'kafka.properties': 'acks: 1'");
    }

    @Test
    void keepsTheOrderWithoutIdempotenceByOneRequestAtATime() throws ConfigException {
        String own =
                MINIMAL
                        + "  delivery-guarantee: at-least-once\n"
                        + "  properties: {enable.idempotence: false%s}\n";
        assertThat(problem(own.formatted("")).fix()).contains("or add '" + IN_FLIGHT + ": 1'");
        assertThat(problem(own.formatted(", " + property(IN_FLIGHT, "2"))).fix())
                .isEqualTo("Set it to 1, or remove 'enable.idempotence'");
        assertThat(read(own.formatted(", " + property(IN_FLIGHT, "1"))).sink().properties())
                .containsEntry(IN_FLIGHT, "1");
    }

    private static String property(String name, String value) {
        return name + ": " + value;
    }

    @Test
    void refusesContradictions() {
        assertThat(problem(MINIMAL + "batching: {linger: 5 ms, target-latency: 5 ms}").message())
                .isEqualTo("linger 5 ms leaves nothing of the target latency 5 ms");
        assertThat(problem(MINIMAL + "  transaction-timeout: 5 s").message())
                .contains("does not outlive two checkpoint intervals of 5 s");
        assertThat(
                        problem(
                                        MINIMAL
                                                + "  delivery-guarantee: at-least-once\n"
                                                + "  transaction-timeout: 5 min")
                                .message())
                .contains("has no effect");
        assertThat(problem(MINIMAL.replace("format: avro", "format: confluent")).message())
                .contains("needs 'registry.url'");
        assertThat(problem(MINIMAL + "  format: confluent\n").line()).isEqualTo(13);
        assertThat(problem(MINIMAL + "registry: {url: http://localhost:8081}\n").message())
                .contains("no format is 'confluent'");
        assertThat(problem(MINIMAL.replace("  schema-file: tx.avsc\n", "")).message())
                .contains("needs 'source.schema-file'");
        assertThat(problem(MINIMAL.replace("topics: transactions", "topics: t x")).message())
                .isEqualTo("'t x' is not a topic's name");
        assertThat(problem(MINIMAL.replace("fraud.onnx", "fraude.onnx")).message())
                .isEqualTo("there is no readable file " + folder.resolve("fraude.onnx"));
    }

    @Test
    void readsARegistryAndChecksItsProperties() throws ConfigException {
        String confluent = MINIMAL.replace("format: avro", "format: confluent") + "registry:\n";
        PipelineConfig config =
                read(confluent + "  url: http://localhost:8081\n  user: me\n  password: secret\n");
        assertThat(config.registry()).isPresent();
        assertThat(config.registry().toString()).doesNotContain("secret");
        assertThat(
                        problem(
                                        confluent
                                                + "  url: http://localhost:8081\n"
                                                + "  properties: {bearer.auth.tokn: x}\n")
                                .message())
                .contains("bearer.auth.tokn");
    }

    @Test
    void checksStartPositions() throws ConfigException {
        String source =
                MINIMAL.replace("topics: transactions", "topics: transactions\n  start: %s");
        assertThat(problem(source.formatted("timestamp")).message())
                .isEqualTo("'start: timestamp' needs 'source.start-timestamp'");
        assertThat(
                        problem(source.formatted("offsets\n  start-offsets: {transactions: 5}"))
                                .message())
                .contains("is not 'topic:partition: offset'");
        assertThat(
                        problem(source.formatted("latest\n  start-offsets: {transactions:0: 5}"))
                                .message())
                .contains("has no effect without 'source.start: offsets'");
        PipelineConfig.Start start =
                read(source.formatted("offsets\n  start-offsets: {transactions:3: 5}"))
                        .source()
                        .start();
        assertThat(start.offsets())
                .containsExactly(new PipelineConfig.StartOffset("transactions", 3, 5));
    }

    @Test
    void refusesClientPropertiesThatCannotWork() {
        assertThat(problem(MINIMAL + "  properties: {transaction.timeout.ms: 5}").fix())
                .isEqualTo("Use 'sink.transaction-timeout'");
        assertThat(problem(MINIMAL + "  properties: {linger.mss: 5}").fix())
                .isEqualTo("Did you mean 'linger.ms'?");
        assertThat(problem(MINIMAL + "  properties: {batch.size: big}").message())
                .isEqualTo(
                        "in 'sink.properties': Kafka property 'batch.size' does not take 'big'"
                                + " (int)");
        assertThat(problem(MINIMAL + "  properties: {enable.auto.commit: true}").message())
                .contains("set by Millrace");
    }

    @Test
    void saysWhereAFileIsNotYaml() {
        ConfigProblem problem = problem(MINIMAL + "engine: [\n");

        assertThat(problem.message()).startsWith("not YAML");
        assertThat(problem.line()).isEqualTo(14);
        assertThat(problem("").message()).isEqualTo("the file is empty");
        assertThat(problem("- a\n- b\n").message()).contains("a mapping of keys");
    }

    @Test
    void neverBuildsObjectsThatAFileNames() {
        ConfigProblem problem =
                problem(MINIMAL.replace("card-fraud", "!!javax.script.ScriptEngineManager []"));

        assertThat(problem.line()).isEqualTo(2);
    }

    @Test
    void suggestsTheNearestValue() {
        assertThat(problem(MINIMAL.replace("format: avro", "format: avrow")).fix())
                .isEqualTo("Did you mean 'avro'?");
        assertThat(problem(MINIMAL + "  delivery-guarantee: exactly_once\n").fix())
                .isEqualTo("Did you mean 'exactly-once'?");
        assertThat(problem(MINIMAL + "engine: {backend: gpu}\n").fix()).isEmpty();
    }

    @Test
    void namesWhatIsNoText() throws Exception {
        Path binary = Files.write(folder.resolve("b.yaml"), new byte[] {(byte) 0xC3, 0x28});
        for (Path file : List.of(binary, folder)) {
            String fault = file.equals(folder) ? ": this is a folder" : ": this is not UTF-8 text";
            assertThat(catchThrowableOfType(ConfigException.class, () -> PipelineReader.read(file)))
                    .hasMessageStartingWith(file + fault);
            assertThat(
                            catchThrowableOfType(
                                    ConfigException.class,
                                    () -> PipelineShipment.of(file, OptionalInt.empty())))
                    .hasMessageStartingWith(file + fault);
        }
        assertThat(problem(named("${file:b.yaml}")).message())
                .isEqualTo("file " + binary + " is not UTF-8 text");
        assertThat(problem(named("${file:.}")).message()).endsWith("is a folder");
        assertThat(problem(named("${file:nope}")).message()).endsWith("nope does not exist");
        assertThat(problem(MINIMAL.replace("tx.avsc", ".")).message())
                .isEqualTo(folder + " is a folder");
    }

    private static String named(String name) {
        return MINIMAL.replace("card-fraud", "\"" + name + "\"");
    }
}
