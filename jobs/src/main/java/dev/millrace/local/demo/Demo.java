package dev.millrace.local.demo;

import dev.millrace.local.EmbeddedKafka;
import dev.millrace.local.LocalLogging;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;

/**
 * Runs the scoring job for real on one machine: broker, Flink, generator, and a reader of committed
 * records that counts and measures. Everything that must outlive a kill is in the {@link
 * StateDirectory}. One thread.
 */
public final class Demo {
    /** What a killed demo has prepared must still be there when it is resumed. */
    private static final Map<String, String> BROKER_SETTINGS =
            Map.of("transaction.max.timeout.ms", Long.toString(Duration.ofDays(7).toMillis()));

    private final StateDirectory state;
    private final DemoOptions options;
    private final BooleanSupplier stopAsked;
    private final DemoView view;

    private Demo(
            StateDirectory state, DemoOptions options, BooleanSupplier stopAsked, DemoView view) {
        this.state = state;
        this.options = options;
        this.stopAsked = stopAsked;
        this.view = view;
    }

    /**
     * Runs until all records are submitted and scored, or somebody asks it to stop.
     *
     * @param stop done as soon as somebody wants the demo to stop
     * @param out where the demo shows itself
     * @throws DemoException if anything fails
     */
    public static DemoSummary run(
            DemoOptions options, Future<?> stop, Appearance appearance, PrintStream out) {
        try (DemoView view = appearance.on(out);
                StateDirectory state =
                        options.resume()
                                ? StateDirectory.resume(options.stateDirectory(), options.changes())
                                : StateDirectory.begin(options.stateDirectory(), options.plan())) {
            LocalLogging.toFile(state.log());
            return new Demo(state, options, stop::isDone, view).run();
        }
    }

    private DemoSummary run() {
        try (EmbeddedKafka broker = EmbeddedKafka.on(state.broker(), BROKER_SETTINGS)) {
            DemoTopics topics =
                    new DemoTopics(broker.bootstrapServers(), state.plan().partitions());
            topics.create();
            PipelineFiles.write(state, options, broker.bootstrapServers());
            try (DemoJob job = new DemoJob(state, options)) {
                view.say("Kafka     " + broker.bootstrapServers());
                view.say("Flink     " + job.webAddress());
                view.say("Pipeline  " + state.pipeline());
                view.say("Log       " + state.log());
                return run(topics, job);
            }
        }
    }

    private DemoSummary run(DemoTopics topics, DemoJob job) {
        Plan plan = state.plan();
        Poison poison = new Poison(plan.seed(), plan.poison(), job.schema());
        try (Watch watch = new Watch(topics, new SampleLines(plan, job.schema()))) {
            long before = watch.totals().accounted();
            if (state.run() > 1) {
                view.say(resumption(before));
            }
            job.start();
            Submitter submitter =
                    new Submitter(plan, topics, poison, () -> watch.totals().accounted());
            try (submitter) {
                watch.start();
                long beginNanos = System.nanoTime();
                new Follower(options, state, stopAsked, view).follow(submitter, watch, job);
                double seconds = (watch.lastSeenNanos() - beginNanos) * 1e-9;
                double perSecond = (watch.totals().accounted() - before) / seconds;
                String engine = job.operator().engine();
                job.stop();
                view.say("Reading all topics again");
                Verification verification = Verification.of(topics, plan, poison);
                return new DemoSummary(verification, perSecond, watch.latency(), engine);
            }
        }
    }

    private String resumption(long before) {
        return "Resumes   %s; %s records are out already"
                .formatted(
                        state.lastCheckpoint()
                                .map(path -> "from " + path)
                                .orElse("from the beginning, as no checkpoint was complete"),
                        Texts.count(before));
    }
}
