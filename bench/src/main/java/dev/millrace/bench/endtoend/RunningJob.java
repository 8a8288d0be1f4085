package dev.millrace.bench.endtoend;

import dev.millrace.local.LocalFlink;
import dev.millrace.local.LocalMetrics;
import dev.millrace.operator.inference.InferenceMetrics;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** One job on a local cluster of its own in this process. One thread. */
final class RunningJob implements AutoCloseable {
    private static final long PATIENCE_NANOS = 120_000_000_000L;
    private static final long POLL_NANOS = 2_000_000;

    private final LocalMetrics metrics = new LocalMetrics(InferenceMetrics.GROUP);
    private final LocalFlink flink;
    private final JobID job;

    /** Starts a cluster and the job, and waits until its tasks run. */
    RunningJob(Consumer<StreamExecutionEnvironment> graph) {
        Configuration settings = metrics.settings();
        settings.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
        flink = LocalFlink.start(1, 1, settings);
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.getExecutionEnvironment(new Configuration());
        environment.setParallelism(1);
        graph.accept(environment);
        job = flink.submit(environment);
    }

    /** Records that it took in, trailing by one micro-batch. */
    long records() {
        return metrics.count(InferenceMetrics.RECORDS_IN.name());
    }

    boolean hasEnded() {
        return flink.result(job).isDone();
    }

    /**
     * Waits until so many records were taken in, or a bounded job has ended.
     *
     * @return the nanosecond of it
     */
    long awaitRecords(long count) {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (records() < count) {
            if (flink.failure(job).isPresent() || System.nanoTime() > deadline) {
                throw new IllegalStateException(
                        "The job took in %d of %d records: %s"
                                .formatted(
                                        records(),
                                        count,
                                        flink.failure(job).orElse("no cause is known")));
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
        return System.nanoTime();
    }

    @Override
    public void close() {
        flink.close();
    }
}
