package dev.millrace.cluster;

import static dev.millrace.cluster.TestingFlink.NO_ANSWER;
import static dev.millrace.cluster.TestingFlink.SAVEPOINT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.cluster.TestingFlink.Fortune;
import dev.millrace.job.TestingPipeline;
import dev.millrace.job.config.PipelineShipment;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JobLauncherTest {
    private static final Duration SHORT = Duration.ofMillis(600);
    private static final Duration LONG = Duration.ofMinutes(2);
    private static final String OLD_AGAIN = "old.jar " + SAVEPOINT;

    @TempDir private Path folder;

    private final List<String> said = new ArrayList<>();
    private TestingFlink flink;
    private PipelineShipment pipeline;
    private Path jar;

    @BeforeEach
    void start() throws Exception {
        pipeline =
                PipelineShipment.of(
                        TestingPipeline.write(folder, "localhost:1", ""), OptionalInt.of(2));
        flink = new TestingFlink(pipeline.name());
        jar = folder.resolve("jobs.jar");
        try (OutputStream file = Files.newOutputStream(jar)) {
            new JarOutputStream(file).close();
        }
    }

    @AfterEach
    void stop() {
        flink.close();
    }

    @Test
    void replacesTheOldVersion() throws Exception {
        upgrade(LONG);
        assertThat(flink.starts()).singleElement().asString().endsWith(".jar " + SAVEPOINT);
        assertThat(flink.running()).singleElement().isNotEqualTo("old.jar");
        assertThat(flink.jars()).doesNotContain("old.jar");
    }

    @Test
    void goesBackWhereTheNewVersionFails() {
        flink.next(Fortune.FAILS);
        assertThatThrownBy(() -> upgrade(LONG))
                .isInstanceOf(UpgradeFailedException.class)
                .hasMessageContaining("The old version runs again from the same savepoint");
        assertThat(flink.starts()).hasSize(2).endsWith(OLD_AGAIN);
        assertThat(flink.running()).containsExactly("old.jar");
        assertThat(flink.jars()).containsExactly("old.jar");
    }

    @Test
    void doesNotGoBackWhereACheckpointCompletedWhileItWasCanceled() {
        flink.next(Fortune.COMMITS_WHILE_CANCELED);
        assertThatThrownBy(() -> upgrade(SHORT))
                .isInstanceOf(UpgradeFailedException.class)
                .hasMessageContaining("had completed 1 checkpoints")
                .hasMessageContaining(SAVEPOINT)
                .hasMessageContaining(
                        "'millrace job submit PIPELINE --from-savepoint file:/checkpoints/chk-1'");
        assertThat(flink.starts()).hasSize(1);
        assertThat(flink.running()).isEmpty();
    }

    @Test
    void doesNotGoBackBesideANewVersionThatCannotBeEnded() {
        flink.next(Fortune.STALLS);
        flink.fail("PATCH .*", 10_000, 400);
        assertThatThrownBy(() -> upgrade(SHORT))
                .isInstanceOf(UpgradeFailedException.class)
                .hasMessageContaining("The old version was not started")
                .hasMessageContaining("'millrace job cancel " + "0".repeat(31) + "2'")
                .hasMessageContaining("'millrace job submit PIPELINE --from-savepoint " + SAVEPOINT)
                .hasMessageContaining("if job");
        assertThat(flink.starts()).hasSize(1);
    }

    @Test
    void doesNotGoBackBesideANewVersionThatDoesNotEnd() {
        flink.next(Fortune.CLINGS);
        assertThatThrownBy(() -> upgrade(SHORT))
                .isInstanceOf(UpgradeFailedException.class)
                .hasMessageContaining("has not ended")
                .hasMessageContaining("--from-savepoint " + SAVEPOINT);
        assertThat(flink.starts()).hasSize(1);
    }

    @Test
    void doesNotGoBackWhereCheckpointsAreNotKnown() {
        flink.next(Fortune.FAILS);
        flink.fail("GET /jobs/.*/checkpoints", 10_000, 404);
        assertThatThrownBy(() -> upgrade(SHORT))
                .isInstanceOf(UpgradeFailedException.class)
                .hasMessageContaining("the old version was not started")
                .hasMessageContaining("--from-savepoint " + SAVEPOINT);
        assertThat(flink.starts()).hasSize(1);
    }

    @Test
    void outlastsAJobManagerThatIsBeingReplaced() throws Exception {
        // Each step's first questions; what was asked for happens all the same.
        flink.loseAnswer("POST /jobs/.*/stop");
        flink.fail("POST /jobs/.*/stop", 1, 503);
        flink.fail("GET /jobs/.*/savepoints/.*", 1, 503);
        flink.fail("GET /jobs/.*/savepoints/.*", 1, NO_ANSWER);
        flink.fail("POST /jars/.*/run", 2, 503);
        flink.fail("GET /jobs/[^/]*/exceptions", 1, 500);
        upgrade(LONG);
        assertThat(flink.starts()).hasSize(1);
        assertThat(flink.running()).singleElement().isNotEqualTo("old.jar");
    }

    @Test
    void outlastsAJobManagerThatDoesNotAnswerHowJobsAre() throws Exception {
        FlinkCluster cluster = new FlinkCluster(flink.address(), Optional.empty());
        flink.fail("GET /jobs/overview", 1, NO_ANSWER);
        flink.fail("GET /jobs/overview", 1, 503);
        cluster.awaitRunning(TestingFlink.OLD, LONG);
        flink.fail("GET /jobs/overview", 2, 503);
        flink.fail("PATCH .*", 1, NO_ANSWER);
        cluster.end(TestingFlink.OLD, LONG);
        assertThat(flink.running()).isEmpty();
    }

    @Test
    void outlastsAJobManagerThatIsBeingReplacedOnTheWayBack() {
        flink.next(Fortune.STALLS);
        flink.loseAnswer("PATCH .*");
        flink.fail("GET /jobs/.*/checkpoints", 2, 503);
        assertThatThrownBy(() -> upgrade(SHORT))
                .isInstanceOf(UpgradeFailedException.class)
                .hasMessageContaining("The old version runs again");
        assertThat(flink.running()).containsExactly("old.jar");
    }

    @Test
    void endsAJobWhoseStartWasNotAnswered() {
        flink.next(Fortune.STALLS);
        flink.loseAnswer("POST /jars/.*/run");
        assertThatThrownBy(() -> upgrade(LONG))
                .isInstanceOf(UpgradeFailedException.class)
                .hasMessageContaining("The old version runs again");
        assertThat(flink.starts()).hasSize(2).endsWith(OLD_AGAIN);
        assertThat(flink.running()).containsExactly("old.jar");
    }

    @Test
    void startsNothingBesideAJobThatMayStillAppear() {
        flink.fail("POST /jars/.*/run", 1, NO_ANSWER);
        assertThatThrownBy(() -> upgrade(LONG))
                .isInstanceOf(UpgradeFailedException.class)
                .hasMessageContaining("millrace job list")
                .hasMessageContaining("--from-savepoint " + SAVEPOINT);
        assertThat(flink.starts()).isEmpty();
    }

    @Test
    void namesTheSavepointOfAJobThatDoesNotEnd() {
        flink.old(Fortune.CLINGS);
        assertThatThrownBy(() -> upgrade(SHORT))
                .isInstanceOf(ClusterException.class)
                .hasMessageContaining("has not ended")
                .hasMessageContaining(
                        "'millrace job submit PIPELINE --from-savepoint " + SAVEPOINT);
        assertThat(flink.starts()).isEmpty();
        assertThat(flink.jars()).containsExactly("old.jar");
    }

    @Test
    void saysWhereASavepointIsThatNobodyRemembers() {
        flink.fail("GET /jobs/.*/savepoints/.*", 10_000, 404);
        assertThatThrownBy(() -> upgrade(SHORT))
                .isInstanceOf(ClusterException.class)
                .hasMessageContaining("may still end with its savepoint, in file:/savepoints")
                .hasMessageContaining("--from-savepoint");
        assertThat(flink.starts()).isEmpty();
    }

    @Test
    void namesTheSavepointWhereTheWayBackFails() {
        flink.next(Fortune.FAILS, Fortune.FAILS);
        assertThatThrownBy(() -> upgrade(SHORT))
                .isInstanceOf(UpgradeFailedException.class)
                .hasMessageContaining("does not come up again either")
                .hasMessageContaining("'millrace job cancel " + "0".repeat(31) + "3'")
                .hasMessageContaining("--from-savepoint " + SAVEPOINT);
    }

    @Test
    void takesBackASubmittedJobThatDoesNotComeUp() throws Exception {
        FlinkCluster cluster = new FlinkCluster(flink.address(), Optional.empty());
        cluster.end(TestingFlink.OLD, LONG);
        flink.next(Fortune.STALLS);
        assertThatThrownBy(() -> launcher(SHORT).submit(pipeline, Optional.empty()))
                .hasMessageContaining("does not run after");
        assertThat(flink.running()).isEmpty();
        assertThat(flink.jars()).containsExactly("old.jar");
        flink.next(Fortune.CLINGS);
        assertThatThrownBy(() -> launcher(SHORT).submit(pipeline, Optional.empty()))
                .hasMessageContaining("could not be taken back")
                .hasMessageContaining("'millrace job cancel " + "0".repeat(31) + "3'");
    }

    private JobLauncher launcher(Duration patience) throws ClusterException {
        return new JobLauncher(
                new FlinkCluster(flink.address(), Optional.empty()), jar, patience, said::add);
    }

    private void upgrade(Duration patience) throws Exception {
        FlinkCluster cluster = new FlinkCluster(flink.address(), Optional.empty());
        launcher(patience)
                .upgrade(
                        cluster.find(TestingFlink.OLD),
                        pipeline,
                        Optional.of("file:/savepoints"),
                        Optional.empty(),
                        false);
    }
}
