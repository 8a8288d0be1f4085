package dev.millrace.local;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.configuration.WebOptions;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.checkpoint.AbstractCheckpointStats;
import org.apache.flink.runtime.checkpoint.CheckpointStatsSnapshot;
import org.apache.flink.runtime.checkpoint.CheckpointStatsStatus;
import org.apache.flink.runtime.execution.ExecutionState;
import org.apache.flink.runtime.executiongraph.AccessExecutionGraph;
import org.apache.flink.runtime.executiongraph.AccessExecutionVertex;
import org.apache.flink.runtime.executiongraph.ErrorInfo;
import org.apache.flink.runtime.highavailability.nonha.embedded.HaLeadershipControl;
import org.apache.flink.runtime.jobmaster.JobResult;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Flink's local cluster with its Web UI on a free port: real JobManager, real TaskManagers, one
 * process. Parts of it can be made to fail. Owned by one thread; waits are bounded.
 */
public final class LocalFlink implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final MiniCluster cluster;
    private final URI webAddress;

    private LocalFlink(MiniClusterConfiguration configuration) {
        cluster = new MiniCluster(configuration);
        try {
            cluster.start();
        } catch (Exception e) {
            throw new IllegalStateException("Cannot start Flink's local cluster", e);
        }
        webAddress = await("its REST endpoint", cluster.getRestAddress());
    }

    /**
     * Starts a cluster.
     *
     * @param taskManagers how many TaskManagers
     * @param slots task slots of each
     * @param settings Flink settings that win over the local ones
     */
    public static LocalFlink start(int taskManagers, int slots, Configuration settings) {
        Configuration configuration = new Configuration();
        configuration.set(RestOptions.ADDRESS, "127.0.0.1");
        configuration.set(RestOptions.BIND_ADDRESS, "127.0.0.1");
        configuration.set(RestOptions.BIND_PORT, "0");
        configuration.set(WebOptions.SUBMIT_ENABLE, false);
        configuration.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(16));
        // A checkpoint must outlive the process that wrote it, however that ends.
        configuration.set(
                CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
                ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
        configuration.addAll(settings);
        return new LocalFlink(
                new MiniClusterConfiguration.Builder()
                        .setConfiguration(configuration)
                        .setNumTaskManagers(taskManagers)
                        .setNumSlotsPerTaskManager(slots)
                        .setHaServices(MiniCluster.HaServices.WITH_LEADERSHIP_CONTROL)
                        .withRandomPorts()
                        .build());
    }

    /**
     * Settings with which a cluster shows its metrics to Prometheus, on a port of all addresses.
     */
    public static Configuration prometheus(int port) {
        Configuration settings = new Configuration();
        String reporter = "metrics.reporter.prom.";
        settings.setString(
                reporter + "factory.class",
                "org.apache.flink.metrics.prometheus.PrometheusReporterFactory");
        settings.setString(reporter + "port", String.valueOf(port));
        settings.setString(reporter + "filterLabelValueCharacters", "false");
        return settings;
    }

    /** Where the Web UI is. */
    public URI webAddress() {
        return webAddress;
    }

    /** Where the Web UI shows a job. */
    public URI webAddress(JobID job) {
        return URI.create(webAddress + "/#/job/running/" + job + "/overview");
    }

    /** Submits the job that was built in an environment, which must not be executed itself. */
    public JobID submit(StreamExecutionEnvironment environment) {
        return await(
                        "the submission of a job",
                        cluster.submitJob(environment.getStreamGraph().getJobGraph()))
                .getJobID();
    }

    public JobStatus status(JobID job) {
        return await("a job's status", cluster.getJobStatus(job));
    }

    /** Whether all of the job's tasks are running. */
    public boolean allTasksRun(JobID job) {
        AccessExecutionGraph graph = await("a job's state", cluster.getExecutionGraph(job));
        for (AccessExecutionVertex task : graph.getAllExecutionVertices()) {
            if (task.getExecutionState() != ExecutionState.RUNNING) {
                return false;
            }
        }
        return graph.getState() == JobStatus.RUNNING;
    }

    /** Tasks that have done their part of the checkpoint in progress; 0 if there is none. */
    public int tasksInCheckpoint(JobID job) {
        CheckpointStatsSnapshot checkpoints =
                await("a job's state", cluster.getExecutionGraph(job)).getCheckpointStatsSnapshot();
        if (checkpoints == null) {
            return 0;
        }
        int done = 0;
        for (AbstractCheckpointStats checkpoint : checkpoints.getHistory().getCheckpoints()) {
            if (checkpoint.getStatus() == CheckpointStatsStatus.IN_PROGRESS) {
                done = Math.max(done, checkpoint.getNumberOfAcknowledgedSubtasks());
            }
        }
        return done;
    }

    /** Why the job failed last, where it did: the innermost cause. */
    public Optional<String> failure(JobID job) {
        ErrorInfo info = await("a job's state", cluster.getExecutionGraph(job)).getFailureInfo();
        if (info == null) {
            return Optional.empty();
        }
        Throwable cause = info.getException().deserializeError(LocalFlink.class.getClassLoader());
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return Optional.of(String.valueOf(cause.getMessage()));
    }

    /** Completes when the job has ended, in whatever way. */
    public CompletableFuture<JobResult> result(JobID job) {
        return cluster.requestJobResult(job);
    }

    public void cancel(JobID job) {
        await("a cancellation", cluster.cancelJob(job));
        await("a cancelled job's end", result(job));
    }

    /** Takes a savepoint, stops the job and returns where the savepoint is. */
    public String stopWithSavepoint(JobID job, String directory, boolean drain) {
        return await(
                "a savepoint",
                cluster.stopWithSavepoint(job, directory, drain, SavepointFormatType.CANONICAL));
    }

    /** Ends a TaskManager with everything that runs on it. */
    public void killTaskManager(int index) {
        await("a TaskManager's end", cluster.terminateTaskManager(index));
    }

    /** Adds a TaskManager, with the next index. */
    public void startTaskManager() {
        try {
            cluster.startTaskManager();
        } catch (Exception e) {
            throw new IllegalStateException("Cannot start another TaskManager", e);
        }
    }

    /** Ends the JobManager's work on a job and lets a new one recover it. */
    public void failOverJobManager(JobID job) {
        HaLeadershipControl leadership = cluster.getHaLeadershipControl().orElseThrow();
        await("the JobManager's end", leadership.revokeJobMasterLeadership(job));
        await("a new JobManager", leadership.grantJobMasterLeadership(job));
    }

    @Override
    public void close() {
        await("the cluster's end", cluster.closeAsync());
    }

    private static <T> T await(String what, CompletableFuture<T> future) {
        try {
            return future.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while waiting for " + what, e);
        } catch (Exception e) {
            throw new IllegalStateException(
                    "Flink's local cluster did not give %s within %d s"
                            .formatted(what, PATIENCE.toSeconds()),
                    e);
        }
    }
}
