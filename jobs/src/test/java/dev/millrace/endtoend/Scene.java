package dev.millrace.endtoend;

import dev.millrace.local.KafkaBroker;
import dev.millrace.local.LocalFlink;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.function.LongFunction;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;

/**
 * Broker, Flink with several TaskManagers and a lane between topics, for one test. Engines answer
 * out of order from the beginning. Owns the broker; closes Flink before it.
 */
final class Scene implements AutoCloseable {
    static final int PARTITIONS = 4;
    static final int RECORDS = 16_000;
    private static final int PER_SECOND = 8_000;

    private final KafkaBroker broker;
    private final Path folder;
    private final Random random;
    private final Lane lane;
    private final LocalFlink flink;
    private int taskManagers;

    /** Starts Flink with TaskManagers of one slot each, so that subtasks die one by one. */
    Scene(KafkaBroker broker, Path folder, int taskManagers) throws Exception {
        long seed = System.nanoTime();
        System.out.println("Seed " + seed);
        this.broker = broker;
        this.folder = folder;
        this.taskManagers = taskManagers;
        random = new Random(seed);
        Mischief.reset().answerOutOfOrder(seed, Duration.ofMillis(3));
        lane = new Lane(broker, folder, PARTITIONS);
        flink = LocalFlink.start(taskManagers, 1, settings(folder));
    }

    private static Configuration settings(Path folder) {
        Configuration settings = new Configuration();
        settings.set(
                CheckpointingOptions.CHECKPOINT_STORAGE,
                GatedCheckpointStorageFactory.class.getName());
        settings.set(
                CheckpointingOptions.CHECKPOINTS_DIRECTORY,
                folder.resolve("checkpoints").toUri().toString());
        settings.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        settings.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 1000);
        settings.set(
                RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(50));
        return settings;
    }

    LocalFlink flink() {
        return flink;
    }

    Lane lane() {
        return lane;
    }

    /** Starts the lane and returns when it runs. */
    JobID start(int parallelism) throws Exception {
        return lane.start(flink, parallelism, Optional.empty());
    }

    Account exactlyOnce(LongFunction<Fate> fates) {
        return Account.exactlyOnce(broker, PARTITIONS, RECORDS, PER_SECOND, fates);
    }

    Account atLeastOnce(LongFunction<Fate> fates) {
        return Account.atLeastOnce(broker, PARTITIONS, RECORDS, PER_SECOND, fates);
    }

    /** A count of records in a part of the whole, at random. */
    long randomly(int part, int parts) {
        int size = RECORDS / parts;
        return (long) part * size + random.nextInt(size);
    }

    /** Ends a TaskManager, the first being 0, and starts another in its place. */
    void replaceTaskManager(int index) {
        flink.killTaskManager(index);
        flink.startTaskManager();
        taskManagers++;
    }

    /** Ends all TaskManagers there are and starts as many. */
    void replaceTaskManagers(int from) {
        int end = taskManagers;
        for (int index = from; index < end; index++) {
            replaceTaskManager(index);
        }
    }

    /** Takes a savepoint, ends the job with it and starts the lane from it. */
    JobID rescale(JobID job, int parallelism) throws Exception {
        String directory = folder.resolve("savepoints").toUri().toString();
        String savepoint = flink.stopWithSavepoint(job, directory, false);
        return lane.start(flink, parallelism, Optional.of(savepoint));
    }

    /** Waits until everything is out, ends the job and sees that nothing else has come out. */
    void end(JobID job, Account account) throws Exception {
        account.closeBooks();
        flink.cancel(job);
        account.closeBooks();
    }

    @Override
    public void close() {
        Mischief.reset();
        CheckpointGate.reset();
        try {
            flink.close();
        } finally {
            broker.close();
        }
    }
}
