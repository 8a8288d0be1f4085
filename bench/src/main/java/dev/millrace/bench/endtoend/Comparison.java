package dev.millrace.bench.endtoend;

import dev.millrace.bench.Workload;
import dev.millrace.bench.subject.SubjectKind;
import dev.millrace.bench.subject.SubjectSpec;
import dev.millrace.bench.subject.Usage.ThreadGroupName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * A figure that compares Millrace with something else.
 *
 * @param target empty where nothing was promised
 */
record Comparison(String name, String unit, Spread value, Optional<Target> target) {
    private static final double NAIVE_TARGET = 7;
    private static final double EXACTLY_ONCE_TARGET = 0.94;
    private static final double ALLOCATION_TARGET = 20;
    private static final double LATENCY_TARGET_MS = 10;
    private static final double LATENCY_SHARE = 0.25;

    private static double rate(RunFigures one, RunFigures other) {
        return one.recordsPerSecond() / other.recordsPerSecond();
    }

    /** How many records a second of CPU time goes for, broker included. */
    private static double efficiency(RunFigures one, RunFigures other) {
        return other.cpuMicrosWithBroker() / one.cpuMicrosWithBroker();
    }

    /** The same for the task thread alone, which limits a job that has enough cores. */
    private static double taskEfficiency(RunFigures one, RunFigures other) {
        return other.cpuMicros(ThreadGroupName.TASK) / one.cpuMicros(ThreadGroupName.TASK);
    }

    private static double allocation(RunFigures one, RunFigures other) {
        return one.allocatedBytes() - other.allocatedBytes();
    }

    private static double passThroughTarget(Workload workload) {
        return switch (workload) {
            case FIELDS -> 0.85;
            case IMAGES -> 0.80;
        };
    }

    static List<Comparison> all(WorkloadResult result, List<String> engines) {
        List<Comparison> comparisons = new ArrayList<>();
        for (String engine : engines) {
            Collector collector = new Collector(result, engine, comparisons);
            Target passThrough = Target.atLeast(passThroughTarget(result.workload()));
            for (SubjectKind kind :
                    List.of(
                            SubjectKind.MILLRACE_EXACTLY_ONCE,
                            SubjectKind.MILLRACE_AT_LEAST_ONCE)) {
                collector.ratio(
                        kind, SubjectKind.PASS_THROUGH, "records/s", Comparison::rate, passThrough);
                collector.ratio(
                        kind,
                        SubjectKind.PASS_THROUGH,
                        "records/CPU s",
                        Comparison::efficiency,
                        null);
                collector.ratio(
                        kind,
                        SubjectKind.PASS_THROUGH,
                        "records/task CPU s",
                        Comparison::taskEfficiency,
                        null);
                collector.ratio(
                        kind,
                        SubjectKind.PASS_THROUGH,
                        "bytes/record beyond",
                        Comparison::allocation,
                        Target.atMost(ALLOCATION_TARGET));
            }
            collector.ratio(
                    SubjectKind.MILLRACE_EXACTLY_ONCE,
                    SubjectKind.MILLRACE_AT_LEAST_ONCE,
                    "records/s",
                    Comparison::rate,
                    Target.atLeast(EXACTLY_ONCE_TARGET));
            SubjectKind mostRatios = SubjectKind.MILLRACE_AT_LEAST_ONCE;
            collector.ratio(
                    mostRatios, SubjectKind.RAW_SCORING, "records/s", Comparison::rate, null);
            collector.ratio(mostRatios, SubjectKind.RAW_COPY, "records/s", Comparison::rate, null);
            Target naive = Target.atLeast(NAIVE_TARGET);
            collector.ratio(
                    mostRatios, SubjectKind.NAIVE_MAP, "records/s", Comparison::rate, naive);
            collector.ratio(
                    mostRatios, SubjectKind.NAIVE_ASYNC, "records/s", Comparison::rate, naive);
        }
        for (WorkloadResult.Latency latency : result.latencies()) {
            if (latency.subject().kind() == SubjectKind.MILLRACE_AT_LEAST_ONCE
                    && latency.targetLatencyMs() == 0
                    && latency.share() == LATENCY_SHARE) {
                double p99 = latency.result().p99Ms();
                comparisons.add(
                        new Comparison(
                                latency.subject().title() + ", p99 at a quarter of its rate",
                                "ms",
                                new Spread(p99, p99, p99),
                                Optional.of(Target.atMost(LATENCY_TARGET_MS))));
            }
        }
        return comparisons;
    }

    /** Adds what both subjects were measured for. */
    private record Collector(WorkloadResult result, String engine, List<Comparison> comparisons) {
        void ratio(
                SubjectKind kind,
                SubjectKind other,
                String unit,
                BiFunction<RunFigures, RunFigures, Double> figure,
                Target target) {
            Optional<SubjectSpec> one = result.subject(kind, engine);
            Optional<SubjectSpec> base = result.subject(other, engine);
            if (one.isEmpty() || base.isEmpty()) {
                return;
            }
            comparisons.add(
                    new Comparison(
                            one.get().title() + " : " + base.get().title(),
                            unit,
                            result.pairwise(one.get(), base.get(), figure),
                            Optional.ofNullable(target)));
        }
    }
}
