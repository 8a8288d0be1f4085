package dev.millrace.local.demo;

import dev.millrace.job.PipelineRefusedException;
import dev.millrace.job.PreparedPipeline;
import dev.millrace.job.ScoringJob;
import dev.millrace.job.ScoringTopology;
import dev.millrace.job.config.ConfigException;
import dev.millrace.local.LocalFlink;
import dev.millrace.local.LocalMetrics;
import dev.millrace.operator.inference.InferenceMetrics;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.apache.avro.Schema;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.runtime.jobmaster.JobResult;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * The scoring job of a demo on Flink's local cluster: the same job that {@code millrace score}
 * runs, from a pipeline file that the user can read. One thread.
 */
final class DemoJob implements AutoCloseable {
    private static final Duration START_PATIENCE = Duration.ofMinutes(2);
    private static final long POLL_NANOS = 50_000_000;
    private static final int RESTARTS = 10;

    private final StateDirectory state;
    private final PreparedPipeline pipeline;
    private final Operator operator;
    private final LocalFlink flink;
    private JobID job;
    private CompletableFuture<JobResult> result;

    /**
     * Starts Flink, but no job.
     *
     * @param state with the pipeline's files
     */
    DemoJob(StateDirectory state, DemoOptions options) {
        this.state = state;
        try {
            pipeline = ScoringJob.prepareHere(state.pipeline());
        } catch (ConfigException | IOException | PipelineRefusedException e) {
            throw new DemoException("The demo's pipeline is refused: " + e.getMessage(), e);
        }
        LocalMetrics metrics = new LocalMetrics(InferenceMetrics.GROUP);
        operator = new Operator(metrics);
        Configuration settings = metrics.settings();
        settings.set(CheckpointingOptions.CHECKPOINT_STORAGE, "filesystem");
        settings.set(
                CheckpointingOptions.CHECKPOINTS_DIRECTORY, state.checkpoints().toUri().toString());
        settings.set(RestartStrategyOptions.RESTART_STRATEGY, "exponential-delay");
        settings.set(RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_ATTEMPTS, RESTARTS);
        flink = LocalFlink.start(1, options.parallelism(), settings);
    }

    /** The schema of the transactions. */
    Schema schema() {
        return pipeline.schema().orElseThrow();
    }

    /** What the inference operator reports. */
    Operator operator() {
        return operator;
    }

    /** Where the Web UI is. */
    URI webAddress() {
        return flink.webAddress();
    }

    /** Starts the job, from the last checkpoint where there is one, and waits until it runs. */
    void start() {
        Configuration settings = new Configuration();
        state.lastCheckpoint()
                .ifPresent(
                        checkpoint ->
                                settings.set(
                                        StateRecoveryOptions.SAVEPOINT_PATH,
                                        checkpoint.toUri().toString()));
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.getExecutionEnvironment(settings);
        ScoringTopology.build(environment, pipeline);
        job = flink.submit(environment);
        result = flink.result(job);
        long deadline = System.nanoTime() + START_PATIENCE.toNanos();
        while (!flink.allTasksRun(job)) {
            check();
            if (System.nanoTime() > deadline) {
                throw new DemoException(
                        "The job did not start within %d s; see %s"
                                .formatted(START_PATIENCE.toSeconds(), state.log()));
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    /** Why the job is being restarted at present. */
    Optional<String> trouble() {
        boolean restarting = flink.status(job) == JobStatus.RESTARTING;
        return restarting ? flink.failure(job) : Optional.empty();
    }

    /**
     * Fails if the job has ended, which it does not do by itself.
     *
     * @throws DemoException with the job's last failure
     */
    void check() {
        if (result.isDone()) {
            throw new DemoException(
                    "The scoring job has failed: %s; see %s"
                            .formatted(flink.failure(job).orElse("no cause known"), state.log()));
        }
    }

    /** Ends the job. Its last checkpoint stays. */
    void stop() {
        flink.cancel(job);
    }

    @Override
    public void close() {
        flink.close();
    }
}
