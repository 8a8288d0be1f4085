package dev.millrace.bench.endtoend;

import dev.millrace.bench.Workload;
import dev.millrace.bench.subject.SubjectKind;
import dev.millrace.bench.subject.SubjectSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.ToDoubleFunction;

/** All runs over one workload. Filled by one thread. */
final class WorkloadResult {
    private final Workload workload;
    private final long records;
    private final Map<SubjectSpec, List<RunFigures>> rounds = new LinkedHashMap<>();
    private final Map<SubjectSpec, RunFigures> profiles = new LinkedHashMap<>();
    private final List<Latency> latencies = new ArrayList<>();

    /**
     * A latency run.
     *
     * @param share of the rate that the subject at-least-once reached
     */
    record Latency(
            SubjectSpec subject,
            double share,
            long checkpointMs,
            long targetLatencyMs,
            LatencyRun.Result result) {}

    WorkloadResult(Workload workload, long records) {
        this.workload = workload;
        this.records = records;
    }

    Workload workload() {
        return workload;
    }

    /** In the input topic. */
    long records() {
        return records;
    }

    void add(SubjectSpec subject, RunFigures figures) {
        rounds.computeIfAbsent(subject, key -> new ArrayList<>()).add(figures);
    }

    void addProfile(SubjectSpec subject, RunFigures figures) {
        profiles.put(subject, figures);
    }

    void add(Latency latency) {
        latencies.add(latency);
    }

    Map<SubjectSpec, List<RunFigures>> rounds() {
        return rounds;
    }

    Map<SubjectSpec, RunFigures> profiles() {
        return profiles;
    }

    List<Latency> latencies() {
        return latencies;
    }

    Optional<SubjectSpec> subject(SubjectKind kind, String engine) {
        return rounds.keySet().stream()
                .filter(spec -> spec.kind() == kind && spec.options().isEmpty())
                .filter(spec -> !kind.isMillrace() || spec.engine().equals(engine))
                .findFirst();
    }

    Spread spread(SubjectSpec subject, ToDoubleFunction<RunFigures> figure) {
        return Spread.of(rounds.get(subject).stream().map(figure::applyAsDouble).toList());
    }

    /** A figure made of two subjects' runs, round by round, so that both met the same load. */
    Spread pairwise(
            SubjectSpec first,
            SubjectSpec second,
            BiFunction<RunFigures, RunFigures, Double> figure) {
        List<RunFigures> some = rounds.get(first);
        List<RunFigures> others = rounds.get(second);
        List<Double> values = new ArrayList<>();
        for (int round = 0; round < Math.min(some.size(), others.size()); round++) {
            values.add(figure.apply(some.get(round), others.get(round)));
        }
        return Spread.of(values);
    }
}
