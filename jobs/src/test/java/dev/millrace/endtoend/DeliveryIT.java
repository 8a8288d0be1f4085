package dev.millrace.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.local.EmbeddedKafka;
import java.nio.file.Path;
import java.util.Map;
import org.apache.flink.api.common.JobID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a pipeline promises where it does not promise everything, or cannot keep it at present. */
class DeliveryIT {
    @TempDir private Path folder;

    private Scene scene() throws Exception {
        return new Scene(EmbeddedKafka.onTemporaryDirectory(), folder, 2);
    }

    @Test
    void repeatsRecordsAtMostWhereAtLeastOnceIsAskedFor() throws Exception {
        try (Scene scene = scene();
                Account account = scene.atLeastOnce(Numbers::fate)) {
            scene.lane().deliver("at-least-once");
            JobID job = scene.start(2);
            for (int victim = 0; victim < 2; victim++) {
                account.await(scene.randomly(victim, 3));
                // What was flushed for this checkpoint is out, but will be scored again.
                CheckpointGate gate = CheckpointGate.closeAt(CheckpointGate.Moment.PREPARED);
                gate.awaitReached(account::look);
                scene.replaceTaskManager(victim);
                gate.fail();
            }
            scene.end(job, account);
            assertThat(account.repeated()).isPositive();
        }
    }

    @Test
    void failsRatherThanDropADeadLetterThatCannotBeWritten() throws Exception {
        try (Scene scene = scene();
                Account account = scene.exactlyOnce(Numbers::fate)) {
            scene.lane()
                    .createTopic(
                            Lane.DEAD_LETTERS,
                            Scene.PARTITIONS,
                            Map.of("max.message.bytes", "100"));
            JobID job = scene.start(2);
            Eventually.await(
                    "the job fails for it",
                    () -> {
                        account.look();
                        return scene.flink().failure(job).orElse("").contains("larger than");
                    });
            scene.lane().alterTopic(Lane.DEAD_LETTERS, "max.message.bytes", "1000000");
            scene.end(job, account);
        }
    }
}
