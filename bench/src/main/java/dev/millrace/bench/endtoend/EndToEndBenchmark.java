package dev.millrace.bench.endtoend;

import dev.millrace.bench.Workload;
import dev.millrace.bench.subject.RunSpec;
import dev.millrace.bench.subject.SubjectKind;
import dev.millrace.bench.subject.SubjectSpec;
import dev.millrace.local.ForkedKafka;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.flink.util.IOUtils;

/** Measures all subjects over all workloads, in rounds. One thread. */
final class EndToEndBenchmark {
    private static final List<String> BROKER_ARGUMENTS = List.of("-Xms1g", "-Xmx1g");
    private static final long TARGET_LATENCY_MS = 5;

    private final Settings settings;
    private final List<String> subjectArguments;
    private final Path folder;
    private final PrintStream progress;

    /**
     * @param subjectArguments for the subjects' JVMs
     * @param folder for logs and pipelines
     */
    EndToEndBenchmark(
            Settings settings, List<String> subjectArguments, Path folder, PrintStream progress) {
        this.settings = settings;
        this.subjectArguments = subjectArguments;
        this.folder = folder;
        this.progress = progress;
    }

    List<WorkloadResult> run() throws IOException, ExecutionException, InterruptedException {
        List<WorkloadResult> results = new ArrayList<>();
        for (Workload workload : settings.workloads()) {
            try (ForkedKafka broker = ForkedKafka.onTemporaryDirectory(Map.of(), BROKER_ARGUMENTS);
                    Topics topics = new Topics(broker.bootstrapServers())) {
                results.add(measure(workload, topics, broker.pid()));
            }
        }
        return results;
    }

    private WorkloadResult measure(Workload workload, Topics topics, long brokerPid)
            throws IOException, ExecutionException, InterruptedException {
        long records = settings.records(workload);
        say("%s: loading %d records", workload, records);
        topics.load(workload, records);
        WorkloadResult result = new WorkloadResult(workload, records);
        List<SubjectHandle> subjects = new ArrayList<>();
        try {
            for (SubjectSpec spec : specs(workload, topics.bootstrapServers())) {
                subjects.add(new SubjectHandle(spec, subjectArguments));
            }
            throughput(
                    result,
                    subjects,
                    new ThroughputRun(topics, brokerPid, settings.checkpointMs()));
            latency(result, subjects, topics);
        } finally {
            IOUtils.closeAllQuietly(subjects);
        }
        return result;
    }

    private List<SubjectSpec> specs(Workload workload, String bootstrapServers) {
        List<SubjectSpec> specs = new ArrayList<>();
        for (SubjectKind kind : settings.kinds()) {
            List<String> engines = kind.isMillrace() ? settings.engines() : List.of("none");
            for (String engine : engines) {
                specs.add(spec(specs.size(), kind, workload, engine, Map.of(), bootstrapServers));
            }
        }
        for (Map<String, String> variant : settings.variants()) {
            specs.add(
                    spec(
                            specs.size(),
                            SubjectKind.MILLRACE_AT_LEAST_ONCE,
                            workload,
                            settings.engines().get(0),
                            variant,
                            bootstrapServers));
        }
        return specs;
    }

    private SubjectSpec spec(
            int number,
            SubjectKind kind,
            Workload workload,
            String engine,
            Map<String, String> options,
            String bootstrapServers) {
        String name = "%s-%02d-%s-%s".formatted(workload, number, kind, engine);
        Path own = folder.resolve(name.toLowerCase(Locale.ROOT));
        return new SubjectSpec(kind, workload, engine, options, bootstrapServers, own.toString());
    }

    private void throughput(WorkloadResult result, List<SubjectHandle> subjects, ThroughputRun run)
            throws IOException, ExecutionException, InterruptedException {
        for (SubjectHandle subject : subjects) {
            warmUp(result, subject, run);
        }
        List<SubjectHandle> order = new ArrayList<>(subjects);
        for (int round = 1; round <= settings.rounds(); round++) {
            for (SubjectHandle subject : order) {
                RunFigures figures = once(result, subject, run, false);
                result.add(subject.spec(), figures);
                say(
                        "%s round %d: %s %,.0f records/s",
                        result.workload(),
                        round,
                        subject.spec().title(),
                        figures.recordsPerSecond());
            }
            // So that nobody always comes after the same neighbour at the same time.
            Collections.rotate(order, 1);
        }
        if (!settings.profile()) {
            return;
        }
        for (SubjectHandle subject : subjects) {
            if (!subject.spec().kind().isNaive() && subject.spec().options().isEmpty()) {
                say("%s profile: %s", result.workload(), subject.spec().title());
                result.addProfile(subject.spec(), once(result, subject, run, true));
            }
        }
    }

    private void warmUp(WorkloadResult result, SubjectHandle subject, ThroughputRun run)
            throws IOException, ExecutionException, InterruptedException {
        long deadline = System.nanoTime() + settings.warmUp().toNanos();
        long processed = 0;
        while (processed < settings.warmUpRecords() && System.nanoTime() < deadline) {
            RunFigures figures = once(result, subject, run, false);
            processed += figures.processed();
            say(
                    "%s warm-up: %s %,.0f records/s",
                    result.workload(), subject.spec().title(), figures.recordsPerSecond());
        }
    }

    private RunFigures once(
            WorkloadResult result, SubjectHandle subject, ThroughputRun run, boolean withProfile)
            throws IOException, ExecutionException, InterruptedException {
        return run.run(
                subject,
                result.records(),
                settings.settle().toNanos(),
                settings.window().toNanos(),
                withProfile);
    }

    /** Latency at shares of the rate that the same engine reached without transactions. */
    private void latency(WorkloadResult result, List<SubjectHandle> subjects, Topics topics)
            throws IOException, ExecutionException, InterruptedException {
        if (settings.latencyDuration().isZero()) {
            return;
        }
        for (SubjectHandle subject : subjects) {
            boolean compared =
                    subject.spec().kind().isMillrace()
                            || subject.spec().kind() == SubjectKind.PASS_THROUGH;
            if (!compared) {
                continue;
            }
            double greatest = greatestRate(result, subject.spec());
            for (double share : settings.rates()) {
                measureLatency(result, subject, topics, share, greatest, 0);
            }
            if (subject.spec().kind() == SubjectKind.MILLRACE_AT_LEAST_ONCE
                    && subject.spec().options().isEmpty()) {
                double share = settings.rates().get(0);
                measureLatency(result, subject, topics, share, greatest, TARGET_LATENCY_MS);
            }
        }
    }

    private double greatestRate(WorkloadResult result, SubjectSpec spec) {
        String engine = spec.kind().isMillrace() ? spec.engine() : settings.engines().get(0);
        SubjectSpec measured =
                result.subject(SubjectKind.MILLRACE_AT_LEAST_ONCE, engine).orElse(spec);
        return result.spread(measured, RunFigures::recordsPerSecond).median();
    }

    private void measureLatency(
            WorkloadResult result,
            SubjectHandle subject,
            Topics topics,
            double share,
            double greatest,
            long targetLatencyMs)
            throws IOException, ExecutionException, InterruptedException {
        // A reader of committed records waits for checkpoints.
        long checkpointMs =
                subject.spec().kind() == SubjectKind.MILLRACE_EXACTLY_ONCE
                        ? settings.checkpointMs()
                        : settings.rareCheckpointMs();
        String suffix = "latency-%03d".formatted(result.latencies().size());
        RunSpec run =
                new RunSpec("in-" + suffix, "out-" + suffix, true, checkpointMs, targetLatencyMs);
        LatencyRun.Result figures =
                new LatencyRun(topics)
                        .run(
                                subject,
                                share * greatest,
                                run,
                                settings.latencyWarmUp(),
                                settings.latencyDuration());
        say(
                "%s latency at %,.0f records/s: %s p50 %.1f ms p99 %.1f ms",
                result.workload(),
                figures.rate(),
                subject.spec().title(),
                figures.p50Ms(),
                figures.p99Ms());
        result.add(
                new WorkloadResult.Latency(
                        subject.spec(), share, checkpointMs, targetLatencyMs, figures));
    }

    private void say(String format, Object... arguments) {
        progress.println(String.format(Locale.ROOT, format, arguments));
        progress.flush();
    }
}
