package dev.millrace.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.local.EmbeddedKafka;
import dev.millrace.local.LocalFlink;
import dev.millrace.operator.batch.FlushReason;
import dev.millrace.operator.deadletter.DeadLetter;
import dev.millrace.operator.inference.InferenceMetrics;
import dev.millrace.operator.inference.MetricDescription;
import dev.millrace.operator.inference.WatchedMetrics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * A pipeline under load to which everything happens that metrics tell of, watched through Flink's
 * Prometheus reporter, and by a real Prometheus where this machine has one.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WatchIT {
    private static final int PARTITIONS = 2;
    private static final int PER_SECOND = 2_000;
    private static final long POLL_NANOS = 200_000_000;

    /** They do not change by nature; a text is nothing to Prometheus, and tested in operators. */
    private static final Set<MetricDescription> CONSTANT =
            Set.of(
                    InferenceMetrics.SLOTS,
                    InferenceMetrics.GPU_MEMORY_TOTAL,
                    InferenceMetrics.engine("enginePinnedBytes"),
                    InferenceMetrics.engine("engineDeviceBytes"));

    private static final Set<MetricDescription> TEXTS =
            Set.of(InferenceMetrics.MODEL_VERSION, InferenceMetrics.ENGINE);

    /**
     * What does not happen to an endless pipeline: MicroBatchInferenceOperatorTest and
     * OperatorFailureTest count them.
     */
    private static final Set<MetricDescription> NEVER =
            Set.of(
                    InferenceMetrics.flushes(FlushReason.END_OF_INPUT),
                    InferenceMetrics.deadLetters(DeadLetter.Kind.SCORE_REFUSED));

    private static final Set<WatchedMetrics.Watched> BAD_NEWS =
            Set.of(
                    WatchedMetrics.COMMIT_FAILURES,
                    WatchedMetrics.SEND_ERRORS,
                    WatchedMetrics.FAILED_CHECKPOINTS);

    private EmbeddedKafka broker;
    private LocalFlink flink;
    private Scrapes scrapes;
    private PrometheusServer prometheus;

    @BeforeAll
    void letEverythingHappen(@TempDir Path folder) throws Exception {
        int port = PrometheusServer.freePort();
        scrapes = new Scrapes(port);
        broker = EmbeddedKafka.onTemporaryDirectory();
        Mischief.reset().onDevice();
        flink = LocalFlink.start(1, PARTITIONS, settings(folder, port));
        Optional<Path> program = PrometheusServer.program();
        if (program.isPresent()) {
            prometheus = new PrometheusServer(program.get(), folder, port);
            Eventually.await("Prometheus is ready", prometheus::isReady);
        }
        Lane lane = new Lane(broker, folder, PARTITIONS);
        lane.adapt(Duration.ofMillis(20));
        JobID job = lane.start(flink, PARTITIONS, Optional.empty());
        try (Feeder feeder =
                new Feeder(
                        broker, PARTITIONS, Long.MAX_VALUE, PER_SECOND, () -> Long.MAX_VALUE / 2)) {
            happen();
            feeder.check();
        }
        await("the job has recovered", () -> now(WatchedMetrics.RUNNING) > 0);
        flink.cancel(job);
    }

    private void happen() throws Exception {
        await("records are scored", () -> now(InferenceMetrics.RECORDS_SCORED) > 1000);
        await(
                "some cannot be decoded",
                () -> now(InferenceMetrics.deadLetters(DeadLetter.Kind.UNDECODABLE)) > 0);
        Mischief mischief = Mischief.current();
        mischief.cannotScore(number -> number % 500 == 250);
        await(
                "some cannot be scored",
                () -> now(InferenceMetrics.deadLetters(DeadLetter.Kind.UNSCORABLE)) > 0);
        mischief.cannotScore(number -> false);
        mischief.failNext(2, EngineException.Kind.RETRYABLE);
        await("submissions are repeated", () -> now(InferenceMetrics.RETRIES) > 0);
        mischief.runShortOfMemory();
        await(
                "micro-batches get smaller",
                () -> now(InferenceMetrics.engine("engineOutOfMemoryBackoffs")) > 0);
        mischief.answerOutOfOrder(1, Duration.ofSeconds(1));
        await(
                "micro-batches wait for the engine and records for them",
                () ->
                        now(InferenceMetrics.IN_FLIGHT) > PARTITIONS
                                && now(WatchedMetrics.LAG) > PER_SECOND);
        mischief.answerOutOfOrder(1, Duration.ZERO);
        await("there was backpressure", () -> now(InferenceMetrics.BACKPRESSURE) > 0);
        mischief.loseDevice(true);
        await("the GPU is lost", () -> now(InferenceMetrics.GPU_ANSWERS) == 0);
        mischief.fallBack();
        await("the twin scores", () -> now(InferenceMetrics.engine("engineFallbackActive")) > 0);
        mischief.loseDevice(false);
        await("the GPU is back", () -> now(InferenceMetrics.GPU_ANSWERS) > 0);
        await(
                "energy was divided by records",
                () -> scrapes.values(name(InferenceMetrics.GPU_JOULES_PER_THOUSAND)).size() > 1);
        mischief.failNext(1, EngineException.Kind.DEVICE_FATAL);
        await("the job was restarted", () -> now(WatchedMetrics.RESTARTS) > 0);
        await("and scores again", () -> now(InferenceMetrics.RECORDS_SCORED) > 1000);
        await("and commits again", () -> now(WatchedMetrics.COMMITS) > 10);
    }

    private static Configuration settings(Path folder, int port) {
        Configuration settings = new Configuration();
        settings.set(CheckpointingOptions.CHECKPOINT_STORAGE, "filesystem");
        settings.set(
                CheckpointingOptions.CHECKPOINTS_DIRECTORY,
                folder.resolve("checkpoints").toUri().toString());
        settings.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        settings.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 1000);
        settings.set(
                RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(50));
        settings.addAll(LocalFlink.prometheus(port));
        return settings;
    }

    private void await(String what, BooleanSupplier condition) throws Exception {
        Eventually.await(
                what,
                () -> {
                    LockSupport.parkNanos(POLL_NANOS);
                    scrapes.take();
                    return condition.getAsBoolean();
                });
    }

    private static String name(MetricDescription metric) {
        return metric.prometheusName();
    }

    private double now(MetricDescription metric) {
        return scrapes.now(name(metric));
    }

    private double now(WatchedMetrics.Watched metric) {
        return scrapes.now(metric.prometheusName());
    }

    @Test
    void everyMetricMoves() {
        assertThat(InferenceMetrics.declared())
                .allSatisfy(
                        metric -> {
                            Set<Double> values = scrapes.values(name(metric));
                            assertThat(values).as(name(metric)).isNotEmpty();
                            if (CONSTANT.contains(metric)) {
                                assertThat(values).allMatch(value -> value > 0);
                            } else if (!TEXTS.contains(metric) && !NEVER.contains(metric)) {
                                assertThat(values).as(name(metric)).hasSizeGreaterThan(1);
                            }
                        });
    }

    @Test
    void everyFigureOfFlinksThatIsReliedUponIsThere() {
        assertThat(WatchedMetrics.all())
                .allSatisfy(
                        metric -> {
                            Set<Double> values = scrapes.values(metric.prometheusName());
                            assertThat(values).as(metric.prometheusName()).isNotEmpty();
                            if (!BAD_NEWS.contains(metric)) {
                                assertThat(values)
                                        .as(metric.prometheusName())
                                        .anyMatch(value -> value > 0);
                            }
                        });
    }

    @Test
    void everyPanelOfTheDashboardShowsData() throws Exception {
        needPrometheus();
        for (Dashboard.Panel panel : Dashboard.panels()) {
            assertThat(panel.queries()).as("queries of '%s'", panel.title()).isNotEmpty();
            for (String query : panel.queries()) {
                assertThat(prometheus.numbers(query))
                        .as("numbers that panel '%s' gets from %s", panel.title(), query)
                        .isPositive();
            }
        }
    }

    @Test
    void thereAreRestartsToMarkAndPipelinesToChoose() throws Exception {
        needPrometheus();
        Map<String, String> queries = new HashMap<>(Dashboard.annotations());
        queries.putAll(Dashboard.variables());
        assertThat(queries).containsOnlyKeys("Restarts", "job");
        for (Map.Entry<String, String> query : queries.entrySet()) {
            assertThat(prometheus.numbers(query.getValue()))
                    .as("numbers that '%s' gets from %s", query.getKey(), query.getValue())
                    .isPositive();
        }
    }

    @Test
    void everyRuleWorksOnWhatARunGives() throws Exception {
        needPrometheus();
        assertThat(prometheus.rules()).isNotEmpty();
        for (JsonNode rule : prometheus.rules()) {
            String name = rule.get("name").asText();
            assertThat(rule.get("health").asText())
                    .as("health of %s: %s", name, rule.path("lastError").asText())
                    .isEqualTo("ok");
            if (rule.get("type").asText().equals("recording")) {
                assertThat(prometheus.numbers(name)).as("numbers of %s", name).isPositive();
            }
        }
    }

    private void needPrometheus() {
        assumeTrue(
                prometheus != null,
                "SKIPPED: there is no prometheus here; Debian has it in the package prometheus");
    }

    @AfterAll
    void end() {
        Mischief.reset();
        if (prometheus != null) {
            prometheus.close();
        }
        try {
            flink.close();
        } finally {
            broker.close();
        }
    }
}
