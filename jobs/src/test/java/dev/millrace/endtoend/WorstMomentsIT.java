package dev.millrace.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.local.EmbeddedKafka;
import dev.millrace.local.ForkedKafka;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.api.common.JobID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Failures at the moments in which a record is neither in nor out: each brought about, not hoped
 * for.
 */
class WorstMomentsIT {
    @TempDir private Path folder;

    private Scene scene() throws Exception {
        return new Scene(EmbeddedKafka.onTemporaryDirectory(), folder, 2);
    }

    @Test
    void losesTaskManagersWhileMicroBatchesAreScored() throws Exception {
        try (Scene scene = scene();
                Account account = scene.exactlyOnce(Numbers::fate)) {
            JobID job = scene.start(2);
            account.await(scene.randomly(0, 2));
            Mischief.current().stall();
            Eventually.await("micro-batches are scored", () -> Mischief.current().stalled() > 2);
            scene.replaceTaskManagers(0);
            scene.end(job, account);
        }
    }

    /** One task has prepared its transactions and the other still drains. */
    @Test
    void losesATaskManagerDuringACheckpoint() throws Exception {
        try (Scene scene = scene();
                Account account = scene.exactlyOnce(Numbers::fate)) {
            JobID job = scene.start(2);
            for (int victim = 0; victim < 2; victim++) {
                account.await(scene.randomly(victim, 3));
                Mischief.current().stall(number -> number % Scene.PARTITIONS == 0);
                Eventually.await(
                        "one of two tasks has prepared",
                        () -> scene.flink().tasksInCheckpoint(job) == 1);
                scene.replaceTaskManager(victim);
                Mischief.current().releaseStalled();
            }
            scene.end(job, account);
        }
    }

    /** What all tasks have prepared is to be aborted and scored again. */
    @Test
    void losesTheCheckpointThatAllHavePreparedFor() throws Exception {
        try (Scene scene = scene();
                Account account = scene.exactlyOnce(Numbers::fate)) {
            JobID job = scene.start(2);
            for (int victim = 0; victim < 2; victim++) {
                account.await(scene.randomly(victim, 3));
                CheckpointGate gate = CheckpointGate.closeAt(CheckpointGate.Moment.PREPARED);
                gate.awaitReached(account::look);
                scene.replaceTaskManager(victim);
                gate.fail();
            }
            scene.end(job, account);
        }
    }

    /** Nobody was told to commit; a task's, or a JobManager's, successor has to. */
    @Test
    void losesTaskManagersAndTheJobManagerBeforeTheyCommit() throws Exception {
        try (Scene scene = scene();
                Account account = scene.exactlyOnce(Numbers::fate)) {
            JobID job = scene.start(2);
            int parts = 4;
            for (int part = 0; part < parts; part++) {
                account.await(scene.randomly(part, parts + 1));
                CheckpointGate gate = CheckpointGate.closeAt(CheckpointGate.Moment.COMPLETE);
                gate.awaitReached(account::look);
                if (part % 2 == 0) {
                    scene.replaceTaskManager(part / 2);
                    gate.open();
                } else {
                    // Ends only when its checkpoint does.
                    CompletableFuture<Void> failOver =
                            CompletableFuture.runAsync(() -> scene.flink().failOverJobManager(job));
                    gate.open();
                    failOver.get();
                }
            }
            scene.end(job, account);
        }
    }

    /** The broker commits what tasks have asked for that never hear of it. */
    @Test
    void losesTaskManagersWhileTheyCommit() throws Exception {
        ForkedKafka broker = ForkedKafka.on(folder.resolve("kafka"), Map.of(), List.of("-Xmx256m"));
        try (Scene scene = new Scene(broker, folder, 2);
                Account account = scene.exactlyOnce(Numbers::fate)) {
            JobID job = scene.start(2);
            account.await(scene.randomly(0, 2));
            CheckpointGate gate = CheckpointGate.closeAt(CheckpointGate.Moment.COMPLETE);
            gate.awaitReached(account::look);
            signal("STOP", broker);
            try {
                gate.open();
                Eventually.await("a task commits", () -> Threads.anyIn("KafkaCommitter.commit"));
                CompletableFuture<Void> losses =
                        CompletableFuture.runAsync(() -> scene.replaceTaskManagers(0));
                Eventually.await("their loss is seen", () -> !scene.flink().allTasksRun(job));
                signal("CONT", broker);
                losses.get();
            } finally {
                signal("CONT", broker);
            }
            scene.end(job, account);
        }
    }

    private static void signal(String name, ForkedKafka broker) throws Exception {
        Process kill = new ProcessBuilder("kill", "-" + name, "" + broker.pid()).start();
        assertThat(kill.waitFor()).isZero();
    }
}
