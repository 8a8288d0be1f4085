package dev.millrace.local.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.apache.avro.Schema;

/**
 * Submits the demo's transactions to brokers that are there already, for a pipeline that runs
 * elsewhere; may follow what comes out and account for every record at the end. A generator that
 * was ended goes on where the topic ends. One thread.
 */
public final class Generator {
    private static final long POLL_NANOS = 50_000_000;

    /** With nothing new for so long, what has not come out counts as lost. */
    private static final Duration QUIET = Duration.ofMinutes(5);

    private final GeneratorOptions options;
    private final Future<?> stop;
    private final Consumer<String> say;
    private final DemoTopics topics;
    private final Poison poison;
    private final Schema schema = PipelineFiles.transactionSchema();
    private long beginNanos;
    private long saidNanos;
    private long beatCount;

    /**
     * @param stop done as soon as somebody wants the generator to stop
     * @param say is told how it stands, a line at a time
     */
    public Generator(GeneratorOptions options, Future<?> stop, Consumer<String> say) {
        this.options = options;
        this.stop = stop;
        this.say = say;
        topics = options.topics();
        poison = new Poison(options.seed(), options.poison(), schema);
    }

    /**
     * Runs until everything is submitted and, with an account, has come out.
     *
     * @throws DemoException if anything fails
     */
    public GeneratorSummary run() {
        if (options.createTopics()) {
            topics.create();
        }
        if (!options.account()) {
            return submit(Optional.empty());
        }
        try (Watch watch = new Watch(topics, new SampleLines(options.plan(), schema))) {
            watch.start();
            return submit(Optional.of(watch));
        }
    }

    private GeneratorSummary submit(Optional<Watch> watch) {
        long submitted;
        double seconds;
        try (Submitter submitter =
                new Submitter(
                        options.plan(),
                        topics,
                        poison,
                        () -> watch.map(w -> w.totals().accounted()).orElse(0L))) {
            beginNanos = System.nanoTime();
            saidNanos = beginNanos;
            while (!submitter.done()) {
                if (stop.isDone() || isOver()) {
                    submitter.stop();
                }
                look(submitter, watch);
            }
            submitter.check();
            submitted = submitter.count();
            seconds = (System.nanoTime() - beginNanos) * 1e-9;
            watch.ifPresent(w -> awaitAll(submitter, w));
        }
        return new GeneratorSummary(
                submitted,
                seconds,
                watch.map(w -> Verification.of(topics, options.plan(), poison)),
                watch.map(Watch::latency).orElse(DemoStatus.Latency.NONE));
    }

    private boolean isOver() {
        long elapsedNanos = System.nanoTime() - beginNanos;
        return options.duration().isPresent() && elapsedNanos > options.duration().get().toNanos();
    }

    private void awaitAll(Submitter submitter, Watch watch) {
        long quietSinceNanos = System.nanoTime();
        long last = watch.totals().accounted();
        while (last < submitter.count() && System.nanoTime() - quietSinceNanos < QUIET.toNanos()) {
            look(submitter, Optional.of(watch));
            long now = watch.totals().accounted();
            if (now > last) {
                quietSinceNanos = System.nanoTime();
                last = now;
            }
        }
    }

    private void look(Submitter submitter, Optional<Watch> watch) {
        submitter.check();
        watch.ifPresent(Watch::check);
        if (System.nanoTime() - saidNanos >= options.interval().toNanos()) {
            saidNanos = System.nanoTime();
            say.accept(line(submitter, watch));
            options.heartbeat().ifPresent(file -> beat(file, submitter.acknowledged()));
        }
        LockSupport.parkNanos(POLL_NANOS);
    }

    private String line(Submitter submitter, Optional<Watch> watch) {
        String elapsed = Texts.duration((saidNanos - beginNanos) / 1_000_000_000);
        String submitted = "%s  submitted %s".formatted(elapsed, Texts.count(submitter.count()));
        if (watch.isEmpty()) {
            return submitted;
        }
        Ledger.Totals totals = watch.get().totals();
        DemoStatus.Latency latency = watch.get().latestLatency();
        return "%s  scored %s  dead letters %s  latency p50 %s p99 %s"
                .formatted(
                        submitted,
                        Texts.count(totals.scored()),
                        Texts.count(totals.deadLetters()),
                        Texts.millis(latency.p50()),
                        Texts.millis(latency.p99()));
    }

    private void beat(Path file, long acknowledged) {
        if (acknowledged == beatCount) {
            return;
        }
        beatCount = acknowledged;
        try {
            if (!Files.exists(file)) {
                Files.createFile(file);
            }
            Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
        } catch (IOException e) {
            throw new DemoException("Cannot touch %s: %s".formatted(file, e), e);
        }
    }
}
