package dev.millrace.bench.subject;

import dev.millrace.job.PreparedPipeline;
import dev.millrace.local.LocalFlink;
import dev.millrace.local.LocalMetrics;
import dev.millrace.operator.inference.InferenceMetrics;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.core.execution.CheckpointingMode;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** A Flink job on a local cluster that lives as long as the process. */
abstract class FlinkSubject implements Subject {
    private static final long PATIENCE_NANOS = 60_000_000_000L;
    private static final long POLL_NANOS = 20_000_000;

    private final SubjectSpec spec;
    private final LocalMetrics metrics = new LocalMetrics(InferenceMetrics.GROUP);
    private final LocalFlink flink;
    private JobID job;

    FlinkSubject(SubjectSpec spec) {
        this.spec = spec;
        Configuration settings = metrics.settings();
        settings.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
        flink = LocalFlink.start(1, 1, settings);
    }

    /** Builds the job. */
    abstract void build(StreamExecutionEnvironment environment, PreparedPipeline pipeline);

    /** What Millrace's own topology sets, for jobs that are built without it. */
    static void configureLikeMillrace(
            StreamExecutionEnvironment environment, PreparedPipeline pipeline) {
        Configuration settings = new Configuration();
        settings.set(PipelineOptions.OBJECT_REUSE, true);
        environment.configure(settings);
        environment.setParallelism(1);
        environment.enableCheckpointing(
                pipeline.config().checkpointing().interval().toMillis(),
                CheckpointingMode.EXACTLY_ONCE);
    }

    @Override
    public void start(RunSpec run) throws Exception {
        PreparedPipeline pipeline = BenchPipeline.of(spec, run);
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.getExecutionEnvironment(new Configuration());
        build(environment, pipeline);
        job = flink.submit(environment);
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (!flink.allTasksRun(job)) {
            failIfFailed();
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("The job's tasks did not start within a minute");
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    @Override
    public void stop() {
        failIfFailed();
        flink.cancel(job);
    }

    private void failIfFailed() {
        if (flink.result(job).isDone()) {
            throw new IllegalStateException(
                    "The job has ended: " + flink.failure(job).orElse("no cause known"));
        }
    }

    SubjectSpec spec() {
        return spec;
    }

    @Override
    public Optional<LocalMetrics> operator() {
        return spec.kind().isMillrace() ? Optional.of(metrics) : Optional.empty();
    }

    @Override
    public void close() {
        flink.close();
    }
}
