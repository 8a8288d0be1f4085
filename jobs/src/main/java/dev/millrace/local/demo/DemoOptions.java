package dev.millrace.local.demo;

import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;

/**
 * What a user asks of a demo.
 *
 * @param stateDirectory where everything is kept that must outlive the process
 * @param resume goes on with what is in the state directory, instead of beginning anew
 * @param records how many to submit in all; empty for no end, or, when resuming, as before
 * @param rate records per second; empty for a rate to look at without an end and for as many as are
 *     scored with one, or, when resuming, as before
 * @param poison share of undecodable records, 0 to 1
 * @param seed makes the transactions
 * @param engine the engine to score with, or {@code auto}
 * @param parallelism tasks of the job
 * @param checkpointInterval how often results are committed
 * @param maxDiskBytes size of the state directory at which a demo ends
 */
public record DemoOptions(
        Path stateDirectory,
        boolean resume,
        OptionalLong records,
        OptionalLong rate,
        double poison,
        long seed,
        String engine,
        int parallelism,
        Duration checkpointInterval,
        long maxDiskBytes) {
    /** Records per second of a demo that nobody has limited: enough to see it live. */
    public static final long RATE_TO_LOOK_AT = 20_000;

    private static final int PARTITIONS = 4;

    Plan plan() {
        long defaultRate = records.isPresent() ? Long.MAX_VALUE : RATE_TO_LOOK_AT;
        return new Plan(
                seed, poison, PARTITIONS, records.orElse(Long.MAX_VALUE), rate.orElse(defaultRate));
    }

    Plan.Changes changes() {
        return new Plan.Changes(records, rate);
    }
}
