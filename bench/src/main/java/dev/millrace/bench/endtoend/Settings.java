package dev.millrace.bench.endtoend;

import dev.millrace.bench.Workload;
import dev.millrace.bench.subject.SubjectKind;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * How much is measured.
 *
 * @param quick whether figures mean nothing
 * @param variants of the pipeline that are measured besides, at-least-once
 * @param records of the workload FIELDS; IMAGES takes an eighth
 * @param warmUpRecords that each subject processes before it is measured, for Java's compiler
 * @param warmUp the longest time that a subject takes for that
 * @param settle the longest wait between a run's first output and its window
 * @param window the longest window of a run
 * @param checkpointMs between two checkpoints, but for latency without transactions
 * @param rareCheckpointMs between two checkpoints of latency runs without transactions: a
 *     pipeline's default
 * @param latencyWarmUp before a latency run measures; Java's compiler takes 5 to 15 s until the
 *     generator, the reader and the job at that rate are compiled
 * @param latencyDuration how long a latency run measures; zero for none
 * @param rates of latency runs, as shares of the rate Millrace reached
 * @param profile whether stacks are sampled in a round of their own
 */
record Settings(
        boolean quick,
        List<Workload> workloads,
        List<SubjectKind> kinds,
        List<String> engines,
        List<Map<String, String>> variants,
        long records,
        int rounds,
        long warmUpRecords,
        Duration warmUp,
        Duration settle,
        Duration window,
        long checkpointMs,
        long rareCheckpointMs,
        Duration latencyWarmUp,
        Duration latencyDuration,
        List<Double> rates,
        boolean profile) {

    private static final int IMAGE_SHARE = 8;

    long records(Workload workload) {
        return workload == Workload.IMAGES ? records / IMAGE_SHARE : records;
    }
}
