package dev.millrace.operator.inference;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Writes docs/metrics.md from the metrics themselves. */
public final class MetricsPage {
    private static final String HEAD =
            """
            # Metrics

            <!-- Generated from InferenceMetrics and WatchedMetrics; a test compares it. Write it anew
                 with ./mvnw -q -pl operators -am test -Dtest=MetricsPageTest -Dmetrics.page=write \
            -Dsurefire.failIfNoSpecifiedTests=false -->

            All figures go through Flink's metric system, so the Web UI, the REST API and every
            reporter of Flink's show them. What alerts follow from them and what to do about each is in
            [operations](operations.md).

            ## The inference operator

            In the group `millrace` of the operator; through Flink's Prometheus reporter a name is
            `flink_taskmanager_job_task_operator_millrace_NAME`, with the labels `job_name` (`millrace`
            and the pipeline's name), `operator_name`, `subtask_index`, `tm_id` and `host`. Labels of a
            metric's own stand in its name before the last part:
            `flink_taskmanager_job_task_operator_millrace_gpu_powerWatts{gpu="0000:65:00.0"}`. A
            histogram is a summary in Prometheus: quantiles of the last 1024 micro-batches, and a count.
            A gauge whose unit is text shows in the Web UI and is 0 in Prometheus, where the labels of
            `serving` say the same.

            They are updated once for each micro-batch and never for a record, except `records`; a
            counter may trail the stream by one micro-batch. Engine times on a GPU are measured for one
            micro-batch in 32 and count for the others with the same time for each record. Metrics of
            the GPU itself come from NVML and exist where an engine was opened on one; subtasks that
            share a GPU report the same figures of it. NaN stands for what the GPU does not tell.

            | Name | Labels | Kind | Unit | Meaning |
            |---|---|---|---|---|
            """;

    private static final String RELEASES_HEAD =
            """

            ## Releases

            On the operator that holds records back, with a control topic only. Every task reads the
            whole control topic, so these are not to be summed up over tasks.

            | Name | Labels | Kind | Unit | Meaning |
            |---|---|---|---|---|
            """;

    private static final String REPLAYS_HEAD =
            """

            ## Replays

            On the source of a replay: one in each task, and for files that no task has begun one in
            the JobManager, `flink_jobmanager_job_operator_coordinator_enumerator_millrace_NAME`. All of
            them together are what is left.

            | Name | Labels | Kind | Unit | Meaning |
            |---|---|---|---|---|
            """;

    private static final String WATCHED_HEAD =
            """

            ## Flink and its Kafka connector

            What they count already, by the names that their Prometheus reporter gives:

            | Name | Unit | Meaning |
            |---|---|---|
            """;

    private static final String TAIL =
            """

            Flink logs `Name collision: Group already contains a Metric with the name` for
            `currentSendTime`, `pendingCommittables` and the Kafka consumer's figures. That is the
            connector's doing, not a mistake in a pipeline: it registers these again for each new
            producer, committer or consumer of the same subtask, and Flink keeps the first. None of the
            figures above is concerned.
            """;

    private MetricsPage() {}

    static String text() {
        StringBuilder page = new StringBuilder(HEAD);
        rows(page, InferenceMetrics.declared());
        page.append(RELEASES_HEAD);
        rows(page, InferenceMetrics.ofReleases());
        page.append(REPLAYS_HEAD);
        rows(page, List.of(InferenceMetrics.REPLAY_REMAINING));
        page.append(WATCHED_HEAD);
        for (WatchedMetrics.Watched metric : WatchedMetrics.all()) {
            page.append(
                    "| `%s` | %s | %s |\n"
                            .formatted(
                                    metric.prometheusName(), metric.unit(), metric.description()));
        }
        return page.append(TAIL).toString();
    }

    private static void rows(StringBuilder page, List<MetricDescription> metrics) {
        for (MetricDescription metric : metrics) {
            page.append(
                    "| `%s` | %s | %s | %s | %s |\n"
                            .formatted(
                                    metric.name(),
                                    metric.labels().isEmpty()
                                            ? ""
                                            : "`" + String.join("`, `", metric.labels()) + "`",
                                    metric.type().name().toLowerCase(Locale.ROOT),
                                    metric.unit(),
                                    metric.description()));
        }
    }

    static void write(Path file) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.writeString(file, text());
    }
}
