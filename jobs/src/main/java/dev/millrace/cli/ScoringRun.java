package dev.millrace.cli;

import dev.millrace.job.PreparedPipeline;
import dev.millrace.job.ScoringTopology;
import dev.millrace.job.kafka.Sources;
import dev.millrace.local.LocalFlink;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.core.execution.RecoveryClaimMode;
import org.apache.flink.runtime.jobmaster.JobResult;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** A pipeline that runs on a local cluster of its own. Used by one thread. */
final class ScoringRun implements AutoCloseable {
    private static final long POLL_MS = 500;
    private static final int RESTARTS = 10;
    private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(30);

    /** How a run ended that did not fail. */
    enum End {
        /** With a savepoint. */
        STOPPED,
        /** While it was restarting, so without a savepoint; the last checkpoint stays. */
        ABANDONED,
        /** By itself, at the end of its records. */
        FINISHED
    }

    private final LocalFlink flink;
    private final JobID job;
    private final Path folder;

    private ScoringRun(LocalFlink flink, JobID job, Path folder) {
        this.flink = flink;
        this.job = job;
        this.folder = folder;
    }

    /**
     * Starts a cluster and the job.
     *
     * @param folder where checkpoints and savepoints go
     * @param resume a checkpoint or savepoint
     * @param untilEnd whether the job ends at the records that are there now
     * @param more settings of the cluster
     */
    static ScoringRun start(
            PreparedPipeline pipeline,
            Path folder,
            Optional<Path> resume,
            boolean untilEnd,
            Configuration more) {
        Configuration settings = memory(pipeline);
        settings.addAll(more);
        return start(
                environment ->
                        ScoringTopology.build(
                                environment,
                                pipeline,
                                untilEnd
                                        ? Sources.boundedAtLatest(pipeline.config().source())
                                        : Sources.unbounded(pipeline.config().source())),
                pipeline.config().parallelism().orElse(1),
                folder,
                resume,
                settings);
    }

    /**
     * Starts a cluster and a job.
     *
     * @param graph adds the job's graph to an environment
     * @param folder where checkpoints and savepoints go
     * @param resume a checkpoint or savepoint
     * @param more settings of the cluster
     */
    static ScoringRun start(
            Consumer<StreamExecutionEnvironment> graph,
            int parallelism,
            Path folder,
            Optional<Path> resume,
            Configuration more) {
        Configuration settings = new Configuration();
        settings.set(CheckpointingOptions.CHECKPOINT_STORAGE, "filesystem");
        settings.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, folder.toUri().toString());
        // A pipeline that cannot run gives up in the end; one that stumbles gets up again.
        settings.set(RestartStrategyOptions.RESTART_STRATEGY, "exponential-delay");
        settings.set(RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_ATTEMPTS, RESTARTS);
        settings.set(
                RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_MAX_BACKOFF,
                LONGEST_BACKOFF);
        resume.ifPresent(
                path -> {
                    settings.set(StateRecoveryOptions.SAVEPOINT_PATH, path.toUri().toString());
                    // Flink deletes it once a newer checkpoint is complete.
                    settings.set(StateRecoveryOptions.RESTORE_MODE, RecoveryClaimMode.CLAIM);
                });
        settings.addAll(more);
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.getExecutionEnvironment(settings);
        environment.setParallelism(parallelism);
        graph.accept(environment);
        LocalFlink flink = LocalFlink.start(1, parallelism, settings);
        try {
            return new ScoringRun(flink, flink.submit(environment), folder);
        } catch (RuntimeException e) {
            flink.close();
            throw e;
        }
    }

    /** What the Web UI shows as the TaskManager's memory for user code outside the heap. */
    static Configuration memory(PreparedPipeline pipeline) {
        int tasks = pipeline.config().parallelism().orElse(1);
        return new Configuration()
                .set(
                        TaskManagerOptions.TASK_OFF_HEAP_MEMORY,
                        new MemorySize(tasks * pipeline.slotMemory().taskBytes()));
    }

    URI webAddress() {
        return flink.webAddress(job);
    }

    /**
     * Waits until the job ends or is asked to stop; says when it restarts and why.
     *
     * @throws CommandFailedException if the job failed for good
     */
    End await(CompletableFuture<String> stop, PrintWriter err)
            throws CommandFailedException, InterruptedException {
        return await(stop, err, () -> {});
    }

    /** The same, with something to do twice a second. */
    End await(CompletableFuture<String> stop, PrintWriter err, Runnable meanwhile)
            throws CommandFailedException, InterruptedException {
        CompletableFuture<JobResult> result = flink.result(job);
        JobStatus last = JobStatus.CREATED;
        while (!result.isDone() && !stop.isDone()) {
            waitFor(CompletableFuture.anyOf(result, stop));
            JobStatus status = result.isDone() ? last : flink.status(job);
            if (status == JobStatus.RESTARTING && last != status) {
                err.println("Restarting: " + flink.failure(job).orElse("no cause is known"));
                err.flush();
            }
            last = status;
            meanwhile.run();
        }
        if (!result.isDone()) {
            return stop();
        }
        failIfFailed(result.join());
        return End.FINISHED;
    }

    private End stop() {
        if (flink.allTasksRun(job)) {
            flink.stopWithSavepoint(job, folder.toUri().toString(), false);
            return End.STOPPED;
        }
        flink.cancel(job);
        return End.ABANDONED;
    }

    private static void waitFor(CompletableFuture<?> future) throws InterruptedException {
        try {
            future.get(POLL_MS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            // Whoever asks the future next learns of it.
        }
    }

    private static void failIfFailed(JobResult result) throws CommandFailedException {
        Optional<Throwable> cause = result.getSerializedThrowable().map(Throwable.class::cast);
        if (cause.isPresent()) {
            throw new CommandFailedException(
                    "the pipeline failed: " + Failures.describe(cause.get()), cause.get());
        }
    }

    @Override
    public void close() {
        flink.close();
    }
}
