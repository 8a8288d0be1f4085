package dev.millrace.containers;

import dev.millrace.local.demo.Generator;
import dev.millrace.local.demo.GeneratorOptions;
import dev.millrace.local.demo.GeneratorSummary;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/** Card transactions that flow while something goes wrong, accounted for when it is over. */
final class Load implements AutoCloseable {
    private static final String[] OUTPUT = {"transactions.scored", "transactions.dead-letters"};
    private static final int PER_SECOND = 1000;

    private final Cluster cluster;
    private final CompletableFuture<String> stop = new CompletableFuture<>();
    private final CompletableFuture<GeneratorSummary> summary;

    Load(Cluster cluster) {
        this.cluster = cluster;
        GeneratorOptions options = options(cluster, true);
        summary =
                CompletableFuture.supplyAsync(
                        () -> new Generator(options, stop, System.out::println).run());
    }

    /** Creates the topics. */
    static void createTopics(Cluster cluster) {
        new Generator(options(cluster, false), CompletableFuture.completedFuture(""), line -> {})
                .run();
    }

    private static GeneratorOptions options(Cluster cluster, boolean account) {
        return new GeneratorOptions(
                cluster.bootstrapServers(),
                Map.of(),
                4,
                !account,
                OptionalLong.empty(),
                Optional.empty(),
                PER_SECOND,
                0.01,
                7,
                account,
                Duration.ofSeconds(5),
                Optional.empty());
    }

    /** Waits until as many records are out as are submitted by now, and some more. */
    void awaitScoring() {
        check();
        long[] goal = {-1};
        cluster.await(
                "scored records",
                () -> {
                    check();
                    if (goal[0] < 0) {
                        goal[0] = cluster.committed("transactions") + PER_SECOND;
                    }
                    return cluster.committed(OUTPUT) >= goal[0];
                });
    }

    private void check() {
        if (summary.isDone()) {
            throw new AssertionError("The load has ended: " + summary.join().sentence());
        }
    }

    /** Stops, waits until everything is out, and accounts for every record. */
    GeneratorSummary finish() {
        stop.complete("");
        return summary.join();
    }

    @Override
    public void close() {
        stop.complete("");
    }
}
