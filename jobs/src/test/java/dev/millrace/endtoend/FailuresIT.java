package dev.millrace.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gpu.engine.EngineException;
import dev.millrace.local.EmbeddedKafka;
import dev.millrace.local.ForkedKafka;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.JobID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever fails in the middle: every record comes out once, in order. */
class FailuresIT {
    /** The pipeline leaves it at its default. */
    private static final int SLOTS = 4;

    @TempDir private Path folder;

    private Scene scene(int taskManagers) throws Exception {
        return new Scene(EmbeddedKafka.onTemporaryDirectory(), folder, taskManagers);
    }

    @Test
    void losesTaskManagersAndTheJobManager() throws Exception {
        try (Scene scene = scene(3);
                Account account = scene.exactlyOnce(Numbers::fate)) {
            JobID job = scene.start(3);
            int losses = 6;
            for (int loss = 0; loss < losses; loss++) {
                account.await(scene.randomly(loss, losses + 1));
                if (loss % 2 == 0) {
                    scene.replaceTaskManager(loss / 2);
                } else {
                    scene.flink().failOverJobManager(job);
                }
            }
            scene.end(job, account);
        }
    }

    @Test
    void stopsWithASavepointAndGoesOnWithAnotherParallelism() throws Exception {
        try (Scene scene = scene(4);
                Account account = scene.exactlyOnce(Numbers::fate)) {
            JobID job = scene.start(2);
            int[] parallelism = {3, 1, 4};
            for (int step = 0; step < parallelism.length; step++) {
                account.await(scene.randomly(step, parallelism.length + 1));
                job = scene.rescale(job, parallelism[step]);
            }
            scene.end(job, account);
        }
    }

    @Test
    void livesThroughAKilledBrokerAndThroughARestartedOne() throws Exception {
        ForkedKafka broker = ForkedKafka.on(folder.resolve("kafka"), Map.of(), List.of("-Xmx256m"));
        try (Scene scene = new Scene(broker, folder, 2);
                Account account = scene.exactlyOnce(Numbers::fate)) {
            JobID job = scene.start(2);
            account.await(scene.randomly(0, 3));
            broker.kill();
            broker.start();
            account.await(scene.randomly(1, 3));
            broker.stop();
            broker.start();
            scene.end(job, account);
        }
    }

    @Test
    void goesOnAfterTheEngineHasFailed() throws Exception {
        try (Scene scene = scene(2);
                Account account = scene.exactlyOnce(Numbers::fate)) {
            JobID job = scene.start(2);
            account.await(scene.randomly(0, 3));
            Mischief.current().failNext(2, EngineException.Kind.RETRYABLE);
            account.await(scene.randomly(1, 3));
            Eventually.await(
                    "two submissions have failed", () -> Mischief.current().failuresSeen() == 2);
            assertThat(scene.flink().failure(job)).as("failures of the job").isEmpty();

            Mischief.current().failNext(1, EngineException.Kind.DEVICE_FATAL);
            scene.end(job, account);
            assertThat(scene.flink().failure(job)).get().asString().contains(Mischief.FAILURE);
        }
    }

    @Test
    void stopsReadingWhileTheEngineStalls() throws Exception {
        try (Scene scene = scene(1)) {
            Mischief.current().stall();
            JobID job = scene.start(1);
            try (Account account = scene.exactlyOnce(Numbers::fate)) {
                Eventually.await(
                        "micro-batches are in flight", () -> Mischief.current().stalled() > 0);
                Eventually.await(
                        "the task waits for them, with or without a checkpoint",
                        () -> Threads.anyIn("MicroBatchInferenceOperator.yieldToMailbox"));
                account.look();
                assertThat(account.count()).isZero();
                assertThat(Mischief.current().stalled()).isLessThanOrEqualTo(SLOTS);
                Mischief.current().releaseStalled();
                scene.end(job, account);
            }
        }
    }

    @Test
    void bisectsDownToTheRecordsThatCannotBeScored() throws Exception {
        try (Scene scene = scene(2);
                Account account = scene.exactlyOnce(FailuresIT::fateWithGuilty)) {
            Mischief.current().cannotScore(FailuresIT::guilty);
            JobID job = scene.start(2);
            account.await(scene.randomly(0, 2));
            scene.replaceTaskManager(0);
            scene.end(job, account);
        }
    }

    private static boolean guilty(long number) {
        return number % 500 == 250;
    }

    private static Fate fateWithGuilty(long number) {
        return guilty(number) ? Fate.UNSCORABLE : Numbers.fate(number);
    }
}
