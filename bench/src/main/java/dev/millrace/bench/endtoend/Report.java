package dev.millrace.bench.endtoend;

import dev.millrace.bench.subject.SubjectKind;
import dev.millrace.bench.subject.SubjectSpec;
import dev.millrace.bench.subject.Usage.ThreadGroupName;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What came out, for people; {@link JsonReport} for programs. */
final class Report {
    private final Machine machine;
    private final Settings settings;
    private final List<WorkloadResult> results;

    Report(Machine machine, Settings settings, List<WorkloadResult> results) {
        this.machine = machine;
        this.settings = settings;
        this.results = results;
    }

    String json() {
        return new JsonReport(machine, settings, results).text();
    }

    String text() {
        StringBuilder text = new StringBuilder();
        line(text, "%s", machine.text());
        line(
                text,
                "%d rounds after %,d records to warm up; medians [least to greatest]; ratios are taken"
                        + " within a round; checkpoints every %d ms",
                settings.rounds(),
                settings.warmUpRecords(),
                settings.checkpointMs());
        if (settings.quick()) {
            line(text, "Quick: everything works, but these figures mean nothing.");
        }
        for (WorkloadResult result : results) {
            line(text, "");
            line(
                    text,
                    "== %s: %d features, %,d records",
                    result.workload(),
                    result.workload().features(),
                    result.records());
            throughput(text, result);
            comparisons(text, result);
            threads(text, result);
            StageTable.append(text, result);
            latency(text, result);
        }
        return text.toString();
    }

    private void throughput(StringBuilder text, WorkloadResult result) {
        line(text, "");
        line(
                text,
                "%-38s %34s %12s %8s %8s %10s %6s",
                "",
                "records/s",
                "of pass-thr.",
                "CPU us",
                "+broker",
                "B/record",
                "others");
        Optional<SubjectSpec> base =
                result.subject(SubjectKind.PASS_THROUGH, settings.engines().get(0));
        for (SubjectSpec subject : result.rounds().keySet()) {
            Spread rate = result.spread(subject, RunFigures::recordsPerSecond);
            String share =
                    base.map(
                                    spec ->
                                            String.format(
                                                    Locale.ROOT,
                                                    "%.3f",
                                                    result.pairwise(
                                                                    subject,
                                                                    spec,
                                                                    (one, other) ->
                                                                            one.recordsPerSecond()
                                                                                    / other
                                                                                            .recordsPerSecond())
                                                            .median()))
                            .orElse("");
            line(
                    text,
                    "%-38s %34s %12s %8.3f %8.3f %10.0f %6.2f",
                    subject.title(),
                    rate.text("%,.0f"),
                    share,
                    result.spread(subject, RunFigures::cpuMicros).median(),
                    result.spread(subject, RunFigures::cpuMicrosWithBroker).median(),
                    result.spread(subject, RunFigures::allocatedBytes).median(),
                    result.spread(subject, run -> run.otherCores().orElse(0)).median());
        }
        line(text, "CPU us: CPU time for a record; others: cores that other processes kept busy");
    }

    private void comparisons(StringBuilder text, WorkloadResult result) {
        line(text, "");
        for (Comparison comparison : Comparison.all(result, settings.engines())) {
            line(
                    text,
                    "%-72s %-20s %28s   %s",
                    comparison.name(),
                    comparison.unit(),
                    comparison.value().text("%.2f"),
                    comparison
                            .target()
                            .map(
                                    target ->
                                            target.text(
                                                    comparison.value().median(), settings.quick()))
                            .orElse(""));
        }
    }

    private static void threads(StringBuilder text, WorkloadResult result) {
        line(text, "");
        line(text, "CPU ns a record / bytes a record, by thread");
        StringBuilder head = new StringBuilder("%-38s".formatted(""));
        for (ThreadGroupName group : ThreadGroupName.values()) {
            head.append("%15s".formatted(group));
        }
        line(text, "%s", head);
        for (SubjectSpec subject : result.rounds().keySet()) {
            StringBuilder row = new StringBuilder("%-38s".formatted(subject.title()));
            for (ThreadGroupName group : ThreadGroupName.values()) {
                row.append(
                        String.format(
                                Locale.ROOT,
                                "%8.0f /%5.0f",
                                1e3 * result.spread(subject, run -> run.cpuMicros(group)).median(),
                                result.spread(subject, run -> run.allocatedBytes(group)).median()));
            }
            line(text, "%s", row);
        }
    }

    private static void latency(StringBuilder text, WorkloadResult result) {
        if (result.latencies().isEmpty()) {
            return;
        }
        line(text, "");
        line(
                text,
                "%-72s %12s %9s %9s %9s %10s %10s %10s %8s",
                "produce to read_committed reader, ms; time between checkpoints",
                "records/s",
                "p50",
                "p99",
                "greatest",
                "generator",
                "operator",
                "operator",
                "rows");
        line(
                text,
                "%-72s %12s %9s %9s %9s %10s %10s %10s %8s",
                "",
                "",
                "",
                "",
                "",
                "p99",
                "p50",
                "p99",
                "p50");
        for (WorkloadResult.Latency latency : result.latencies()) {
            LatencyRun.Result figures = latency.result();
            String name =
                    latency.targetLatencyMs() == 0
                            ? latency.subject().title()
                            : "%s, target %d ms"
                                    .formatted(
                                            latency.subject().title(), latency.targetLatencyMs());
            String every = ", every %,d ms".formatted(latency.checkpointMs());
            line(
                    text,
                    "%-72s %12s %9.2f %9.2f %9.2f %10.2f %10s %10s %8s",
                    name + every,
                    String.format(Locale.ROOT, "%,.0f", figures.rate()),
                    figures.p50Ms(),
                    figures.p99Ms(),
                    figures.greatestMs(),
                    figures.generatorP99Ms(),
                    figures.operator()
                            .map(of -> "%.2f".formatted(of.latencyMicros().p50() / 1e3))
                            .orElse(""),
                    figures.operator()
                            .map(of -> "%.2f".formatted(of.latencyMicros().p99() / 1e3))
                            .orElse(""),
                    figures.operator().map(of -> "%.0f".formatted(of.rows().p50())).orElse(""));
            if (figures.missing() > 0) {
                line(
                        text,
                        "  MISSING: %,d records had not come out a minute after the last was sent",
                        figures.missing());
            }
        }
    }

    static void line(StringBuilder text, String format, Object... arguments) {
        text.append(String.format(Locale.ROOT, format, arguments).stripTrailing()).append('\n');
    }
}
