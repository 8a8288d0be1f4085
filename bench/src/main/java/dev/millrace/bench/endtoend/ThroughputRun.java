package dev.millrace.bench.endtoend;

import dev.millrace.bench.subject.RunSpec;
import dev.millrace.bench.subject.StackProfile;
import dev.millrace.bench.subject.Usage;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;

/**
 * Runs subjects as fast as they go over a topic that is there, and measures a window in the middle
 * by what has arrived in the output topic. One thread.
 */
final class ThroughputRun {
    private static final double WINDOW_START = 0.2;
    private static final double WINDOW_END = 0.95;
    private static final long POLL_NANOS = 20_000_000;
    private static final long PATIENCE_NANOS = 60_000_000_000L;

    private final Topics topics;
    private final long brokerPid;
    private final long checkpointMs;
    private int runs;

    ThroughputRun(Topics topics, long brokerPid, long checkpointMs) {
        this.topics = topics;
        this.brokerPid = brokerPid;
        this.checkpointMs = checkpointMs;
    }

    /**
     * One run.
     *
     * @param records in the input topic
     * @param settleNanos the longest wait between the first output and the window
     * @param windowNanos the longest window
     */
    RunFigures run(
            SubjectHandle subject,
            long records,
            long settleNanos,
            long windowNanos,
            boolean withProfile)
            throws IOException, ExecutionException, InterruptedException {
        String output = "out-%05d".formatted(++runs);
        topics.createOutput(output);
        subject.start(
                new RunSpec(
                        subject.spec().workload().inputTopic(), output, false, checkpointMs, 0));
        await(output, 1, PATIENCE_NANOS);
        await(output, (long) (WINDOW_START * records), settleNanos);
        if (withProfile) {
            subject.startProfile();
        }
        SystemLoad loadBefore = SystemLoad.now(brokerPid);
        Usage before = subject.usage();
        long countBefore = topics.count(output);
        long since = System.nanoTime();
        await(output, (long) (WINDOW_END * records), windowNanos);
        Usage after = subject.usage();
        long countAfter = topics.count(output);
        double seconds = (System.nanoTime() - since) / 1e9;
        SystemLoad loadAfter = SystemLoad.now(brokerPid);
        Optional<StackProfile.Result> profile =
                withProfile ? Optional.of(subject.stopProfile()) : Optional.empty();
        subject.stop();
        check(subject, output, countAfter - countBefore);
        topics.deleteOutput(output);
        Usage usage = after.since(before);
        return new RunFigures(
                countAfter,
                countAfter - countBefore,
                seconds,
                usage,
                loadAfter.brokerNanos() - loadBefore.brokerNanos(),
                loadAfter.otherCores(loadBefore, usage.processCpuNanos()),
                profile);
    }

    private void await(String output, long records, long nanos)
            throws ExecutionException, InterruptedException {
        long deadline = System.nanoTime() + nanos;
        while (topics.count(output) < records && System.nanoTime() < deadline) {
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    private void check(SubjectHandle subject, String output, long inWindow)
            throws ExecutionException, InterruptedException {
        long deadLetters = topics.deadLetters(output);
        if (inWindow <= 0 || deadLetters > 0) {
            throw new IllegalStateException(
                    "'%s' wrote %d records in its window and %d dead letters; see %s"
                            .formatted(
                                    subject.spec().title(),
                                    inWindow,
                                    deadLetters,
                                    subject.spec().folder()));
        }
    }
}
