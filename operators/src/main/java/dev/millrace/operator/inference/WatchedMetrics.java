package dev.millrace.operator.inference;

import java.util.ArrayList;
import java.util.List;

/**
 * Figures of Flink and its Kafka connector that belong to the picture of a pipeline: Millrace does
 * not count again what they count. Alerts and dashboards use them, and a test finds each of them in
 * a job that runs.
 */
public final class WatchedMetrics {
    private static final List<Watched> ALL = new ArrayList<>();

    /**
     * One figure.
     *
     * @param prometheusName what Flink's Prometheus reporter calls it
     */
    public record Watched(String prometheusName, String unit, String description) {}

    public static final Watched LAG =
            watch(
                    "flink_taskmanager_job_task_operator_pendingRecords",
                    "records",
                    "Consumer lag: records of the task's partitions that the source has not read"
                            + " yet, as of its last fetch. While it cannot fetch, because the task"
                            + " is blocked, the figure stands still.");
    public static final Watched COMMIT_FAILURES =
            watch(
                    "flink_taskmanager_job_task_operator_failedCommittables",
                    "transactions",
                    "Transactions of a sink that could not be committed. Their records are lost:"
                            + " the connector logs it and goes on.");
    public static final Watched COMMITS =
            watch(
                    "flink_taskmanager_job_task_operator_successfulCommittables",
                    "transactions",
                    "Transactions of a sink that were committed.");
    public static final Watched SEND_ERRORS =
            watch(
                    "flink_taskmanager_job_task_operator_numRecordsSendErrors",
                    "records",
                    "Records that a sink could not send.");
    public static final Watched BUSY =
            watch(
                    "flink_taskmanager_job_task_busyTimeMsPerSecond",
                    "milliseconds",
                    "How much of each second the task worked.");
    public static final Watched COMPLETED_CHECKPOINTS =
            watch(
                    "flink_jobmanager_job_numberOfCompletedCheckpoints",
                    "checkpoints",
                    "Checkpoints completed since the JobManager took the job over.");
    public static final Watched FAILED_CHECKPOINTS =
            watch(
                    "flink_jobmanager_job_numberOfFailedCheckpoints",
                    "checkpoints",
                    "Checkpoints that failed or were given up.");
    public static final Watched CHECKPOINT_DURATION =
            watch(
                    "flink_jobmanager_job_lastCheckpointDuration",
                    "milliseconds",
                    "How long the last checkpoint took.");
    public static final Watched RESTARTS =
            watch("flink_jobmanager_job_numRestarts", "restarts", "Restarts of the job.");
    public static final Watched RUNNING =
            watch(
                    "flink_jobmanager_job_runningTime",
                    "milliseconds",
                    "How long the job has run since its last start; 0 while it does not.");
    public static final Watched TASK_MANAGERS =
            watch(
                    "flink_jobmanager_numRegisteredTaskManagers",
                    "TaskManagers",
                    "TaskManagers that the JobManager knows.");
    public static final Watched JOBS =
            watch(
                    "flink_jobmanager_numRunningJobs",
                    "jobs",
                    "Jobs that the JobManager has, whether they run or restart. One that was"
                            + " cancelled or has failed for good is none, and its own figures are"
                            + " gone.");

    private WatchedMetrics() {}

    public static List<Watched> all() {
        return List.copyOf(ALL);
    }

    private static Watched watch(String prometheusName, String unit, String description) {
        Watched watched = new Watched(prometheusName, unit, description);
        ALL.add(watched);
        return watched;
    }
}
