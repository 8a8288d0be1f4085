package dev.millrace.bench.endtoend;

import dev.millrace.bench.Workload;
import dev.millrace.bench.subject.BenchPipeline;
import dev.millrace.bench.subject.RunSpec;
import dev.millrace.bench.subject.SubjectKind;
import dev.millrace.bench.subject.SubjectSpec;
import dev.millrace.gpu.engine.ModelArtifact;
import dev.millrace.gpu.testing.TestModels;
import dev.millrace.job.PreparedPipeline;
import dev.millrace.job.ScoringTopology;
import dev.millrace.job.kafka.TargetTopics;
import dev.millrace.job.release.ControlTopic;
import dev.millrace.job.release.GoldenVectors;
import dev.millrace.job.release.ReleaseTopic;
import dev.millrace.job.replay.Replay;
import dev.millrace.job.replay.ReplayOptions;
import dev.millrace.schema.ModelIdentity;
import dev.millrace.schema.ModelRelease;
import dev.millrace.schema.ReleaseRole;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Swaps under load, replays at full speed, replays beside a live job. One thread. */
final class ReleasesBenchmark {
    private static final Workload WORKLOAD = Workload.FIELDS;
    private static final double WINDOW_START = 0.3;
    private static final double WINDOW_END = 0.95;
    private static final long CHECKPOINT_MS = 1000;
    private static final int DIFFERENT_RECORDS = 2000;
    private static final int FIRST_HIDDEN = 64;
    private static final int OTHER_HIDDEN = 60;
    private static final Duration DECISION = Duration.ofMinutes(2);

    private final Topics topics;
    private final String engine;
    private final Path folder;
    private final PrintStream progress;
    private int runs;

    /** A replay's rate and that of the live job, in alternating rounds. */
    record Throughput(Spread live, Spread replay, Spread ratio) {}

    /** Latencies at the 99th percentile before swaps and during them. */
    record Swaps(double rate, Spread beforeMs, Spread duringMs, Spread ratio, int missing) {}

    /**
     * A capped replay beside a live job.
     *
     * @param mean records a second from its first record to its last
     * @param greatest in any second
     * @param liveAloneMs the live job's latency at the 99th percentile while it is alone
     * @param liveBesideMs the same beside the replay
     */
    record Capped(
            double cap,
            double mean,
            double greatest,
            double liveAloneMs,
            double liveBesideMs,
            int missing) {}

    ReleasesBenchmark(Topics topics, String engine, Path folder, PrintStream progress) {
        this.topics = topics;
        this.engine = engine;
        this.folder = folder;
        this.progress = progress;
    }

    @Command
    private static final class Asked {
        @Mixin private ReplayOptions options;
    }

    private PreparedPipeline pipeline(
            String input, String output, boolean fromEnd, Map<String, String> options)
            throws Exception {
        SubjectSpec spec =
                new SubjectSpec(
                        SubjectKind.MILLRACE_AT_LEAST_ONCE,
                        WORKLOAD,
                        engine,
                        options,
                        topics.bootstrapServers(),
                        folder.resolve(output).toString());
        return BenchPipeline.of(spec, new RunSpec(input, output, fromEnd, CHECKPOINT_MS, 0));
    }

    private static Replay replay(PreparedPipeline pipeline, String output, String... more)
            throws Exception {
        List<String> arguments = new ArrayList<>(List.of(pipeline.config().file().toString()));
        arguments.addAll(List.of("--output-topic", output));
        arguments.addAll(List.of(more));
        Asked asked = new Asked();
        new CommandLine(asked).parseArgs(arguments.toArray(String[]::new));
        return Replay.prepare(asked.options);
    }

    /**
     * The rate of the live job on what is in a topic, and that of a replay of it, by turns.
     *
     * @param rounds counted ones; one more comes before them
     */
    Throughput throughput(long records, int rounds) throws Exception {
        topics.load(WORKLOAD, records);
        List<Double> live = new ArrayList<>();
        List<Double> replay = new ArrayList<>();
        List<Double> ratios = new ArrayList<>();
        for (int round = 0; round <= rounds; round++) {
            double one = live(records);
            double other = replay(records);
            say("round %d: live %,.0f records/s, replay %,.0f records/s", round, one, other);
            if (round > 0) {
                live.add(one);
                replay.add(other);
                ratios.add(other / one);
            }
        }
        return new Throughput(Spread.of(live), Spread.of(replay), Spread.of(ratios));
    }

    private double live(long records) throws Exception {
        String output = newOutput();
        PreparedPipeline pipeline = pipeline(WORKLOAD.inputTopic(), output, false, Map.of());
        try (RunningJob job =
                new RunningJob(environment -> ScoringTopology.build(environment, pipeline))) {
            return rate(job, records);
        } finally {
            topics.deleteOutput(output);
        }
    }

    private double replay(long records) throws Exception {
        String output = newOutput();
        PreparedPipeline pipeline = pipeline(WORKLOAD.inputTopic(), "live", false, Map.of());
        Replay replay = replay(pipeline, output);
        try (RunningJob job = new RunningJob(replay::build)) {
            return rate(job, records);
        } finally {
            topics.deleteOutput(output);
        }
    }

    /** Between the same two records of both, so that neither start nor end counts. */
    private static double rate(RunningJob job, long records) {
        long first = (long) (WINDOW_START * records);
        long last = (long) (WINDOW_END * records);
        long since = job.awaitRecords(first);
        long before = job.records();
        long until = job.awaitRecords(last);
        return (job.records() - before) * 1e9 / (until - since);
    }

    private String newOutput() throws Exception {
        String output = "out-%03d".formatted(++runs);
        topics.createOutput(output);
        return output;
    }

    /** Swaps between two models while records come in at a fixed rate. */
    Swaps swaps(double rate, int count, Duration window) throws Exception {
        String output = newOutput();
        String input = "in-swaps";
        topics.create(input);
        PreparedPipeline pipeline =
                pipeline(input, output, false, Map.of("releases/topic", "bench-releases"));
        TargetTopics.prepareReleases(pipeline.config());
        List<byte[]> values = WORKLOAD.records(DIFFERENT_RECORDS);
        Duration longest = window.multipliedBy(4L * count + 8).plus(Duration.ofMinutes(2));
        int most = (int) (rate * longest.toSeconds());
        try (RunningJob job =
                        new RunningJob(
                                environment -> ScoringTopology.build(environment, pipeline));
                SwapLatency latency = new SwapLatency(topics, input, output, values, rate, most);
                ControlTopic control =
                        new ControlTopic("bench-releases", pipeline.config().adminProperties())) {
            job.awaitRecords(1);
            sleep(window.multipliedBy(2));
            List<long[]> windows = new ArrayList<>();
            for (int swap = 0; swap < count; swap++) {
                windows.add(swap(swap, pipeline, control, window));
            }
            int missing = latency.finish();
            return swaps(rate, latency, windows, window, missing);
        }
    }

    private static Swaps swaps(
            double rate, SwapLatency latency, List<long[]> windows, Duration window, int missing) {
        List<Double> before = new ArrayList<>();
        List<Double> during = new ArrayList<>();
        List<Double> ratios = new ArrayList<>();
        for (long[] swap : windows) {
            double calm = latency.percentileMs(99, swap[0] - window.toNanos(), swap[0]);
            double busy = latency.percentileMs(99, swap[0], swap[1]);
            before.add(calm);
            during.add(busy);
            ratios.add(busy / calm);
        }
        return new Swaps(rate, Spread.of(before), Spread.of(during), Spread.of(ratios), missing);
    }

    /** From the publication of a release until well after its activation, in nanoseconds. */
    private long[] swap(
            int number, PreparedPipeline pipeline, ControlTopic control, Duration window)
            throws Exception {
        ModelArtifact made =
                TestModels.mlp(
                        WORKLOAD.features(),
                        FIRST_HIDDEN,
                        number % 2 == 0 ? OTHER_HIDDEN : FIRST_HIDDEN / 2,
                        WORKLOAD.scores());
        Path file = folder.resolve("swap-%d.onnx".formatted(number));
        Files.write(file, made.content());
        ModelArtifact model =
                new ModelArtifact(
                        pipeline.config().model().name(),
                        String.valueOf(number + 2),
                        made.content(),
                        file.toString());
        var vectors = GoldenVectors.of(model, pipeline.config().engine(), 3);
        Instant from = Instant.now().plus(window).truncatedTo(ChronoUnit.MILLIS);
        ModelRelease release =
                new ModelRelease(
                        new ModelIdentity(
                                model.version().name(),
                                model.version().version(),
                                model.version().sha256()),
                        file.toUri(),
                        from,
                        ReleaseRole.CHAMPION,
                        1,
                        vectors);
        long published = System.nanoTime();
        control.publish(release);
        ReleaseTopic.Decision decision = control.await(release, DECISION).orElseThrow();
        if (!decision.accepted()) {
            throw new IllegalStateException("A release was refused: " + decision.reason());
        }
        say("swap %d accepted after %d ms", number, (System.nanoTime() - published) / 1_000_000);
        sleep(Duration.between(Instant.now(), from.plus(window.dividedBy(2))));
        long until = System.nanoTime();
        // Calm again, and what comes before the next one is a window of its own.
        sleep(window.multipliedBy(3).dividedBy(2));
        return new long[] {published, until};
    }

    /** A capped replay of what {@link #throughput} has loaded, beside a live job. */
    Capped capped(double liveRate, double cap, Duration window) throws Exception {
        String output = newOutput();
        String input = "in-beside";
        topics.create(input);
        PreparedPipeline pipeline = pipeline(input, output, false, Map.of());
        PreparedPipeline history = pipeline(WORKLOAD.inputTopic(), "live-beside", false, Map.of());
        String replayed = newOutput();
        Replay replay = replay(history, replayed, "--rate", cap + "/s");
        List<byte[]> values = WORKLOAD.records(DIFFERENT_RECORDS);
        int most = (int) (liveRate * window.multipliedBy(8).plusMinutes(3).toSeconds());
        try (RunningJob live =
                        new RunningJob(
                                environment -> ScoringTopology.build(environment, pipeline));
                SwapLatency latency =
                        new SwapLatency(topics, input, output, values, liveRate, most)) {
            live.awaitRecords(1);
            sleep(window);
            long alone = System.nanoTime();
            sleep(window);
            long aloneUntil = System.nanoTime();
            List<Double> seconds = new ArrayList<>();
            long besides;
            long besidesUntil;
            double mean;
            try (RunningJob beside = new RunningJob(replay::build)) {
                besides = beside.awaitRecords(1);
                long first = beside.records();
                while (System.nanoTime() - besides < window.toNanos() && !beside.hasEnded()) {
                    long before = beside.records();
                    long since = System.nanoTime();
                    sleep(Duration.ofSeconds(1));
                    seconds.add((beside.records() - before) * 1e9 / (System.nanoTime() - since));
                }
                besidesUntil = System.nanoTime();
                mean = (beside.records() - first) * 1e9 / (besidesUntil - besides);
            }
            int missing = latency.finish();
            return new Capped(
                    cap,
                    mean,
                    Spread.of(seconds).greatest(),
                    latency.percentileMs(99, alone, aloneUntil),
                    latency.percentileMs(99, besides, besidesUntil),
                    missing);
        }
    }

    private static void sleep(Duration duration) {
        long deadline = System.nanoTime() + duration.toNanos();
        for (long left = duration.toNanos(); left > 0; left = deadline - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    private void say(String format, Object... arguments) {
        progress.println(String.format(Locale.ROOT, format, arguments));
        progress.flush();
    }
}
