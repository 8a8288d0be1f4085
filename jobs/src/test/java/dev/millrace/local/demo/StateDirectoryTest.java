package dev.millrace.local.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateDirectoryTest {
    private static final Plan PLAN = new Plan(3, 0.25, 4, 1000, 50);
    private static final Plan.Changes NONE =
            new Plan.Changes(OptionalLong.empty(), OptionalLong.empty());

    @TempDir private Path root;

    @Test
    void keepsThePlanForTheNextRun() {
        StateDirectory.begin(root, PLAN).close();
        try (StateDirectory state = StateDirectory.resume(root, NONE)) {
            assertThat(state.plan()).isEqualTo(PLAN);
            assertThat(state.run()).isEqualTo(2);
        }
    }

    @Test
    void letsCountAndRateChangeAndNothingElse() {
        StateDirectory.begin(root, PLAN).close();
        Plan.Changes changes = new Plan.Changes(OptionalLong.of(5000), OptionalLong.of(7));
        StateDirectory.resume(root, changes).close();
        try (StateDirectory state = StateDirectory.resume(root, NONE)) {
            assertThat(state.plan()).isEqualTo(new Plan(3, 0.25, 4, 5000, 7));
        }
    }

    @Test
    void emptiesItselfWhenADemoBeginsAnew() throws Exception {
        try (StateDirectory state = StateDirectory.begin(root, PLAN)) {
            Files.createDirectories(state.broker().resolve("log"));
        }
        try (StateDirectory state = StateDirectory.begin(root, PLAN)) {
            assertThat(state.broker()).doesNotExist();
            assertThat(state.run()).isEqualTo(1);
        }
    }

    @Test
    void touchesNothingThatIsNotADemos() throws Exception {
        Path precious = Files.writeString(root.resolve("thesis.txt"), "words");
        assertThatThrownBy(() -> StateDirectory.begin(root, PLAN))
                .isInstanceOf(DemoException.class)
                .hasMessageContaining("not a demo's");
        assertThat(precious).hasContent("words");
    }

    @Test
    void isUsedByOneDemoAtATime() {
        try (StateDirectory first = StateDirectory.begin(root, PLAN)) {
            assertThat(first.run()).isEqualTo(1);
            assertThatThrownBy(() -> StateDirectory.begin(root, PLAN))
                    .hasMessageContaining("Another demo is running");
            assertThatThrownBy(() -> StateDirectory.resume(root, NONE))
                    .hasMessageContaining("Another demo is running");
        }
        StateDirectory.resume(root, NONE).close();
    }

    @Test
    void hasNothingToResumeBeforeTheFirstDemo() {
        assertThatThrownBy(() -> StateDirectory.resume(root, NONE))
                .hasMessageContaining("nothing to resume");
    }

    @Test
    void findsTheNewestCompleteCheckpointOfTheLastRunThatHasOne() throws Exception {
        try (StateDirectory state = StateDirectory.begin(root, PLAN)) {
            assertThat(state.lastCheckpoint()).isEmpty();
            checkpoint(state, "chk-9", true);
            checkpoint(state, "chk-10", true);
            checkpoint(state, "chk-11", false);
        }
        StateDirectory.resume(root, NONE).close();
        try (StateDirectory third = StateDirectory.resume(root, NONE)) {
            assertThat(third.lastCheckpoint())
                    .contains(root.resolve("checkpoints/run-1/0123/chk-10"));
            Files.createDirectories(root.resolve("checkpoints/run-2/4567/chk-1"));
            Files.createFile(root.resolve("checkpoints/run-2/4567/chk-1/_metadata"));
            assertThat(third.lastCheckpoint())
                    .contains(root.resolve("checkpoints/run-2/4567/chk-1"));
        }
    }

    private static void checkpoint(StateDirectory state, String name, boolean complete)
            throws Exception {
        Path directory = Files.createDirectories(state.checkpoints().resolve("0123/" + name));
        Files.createFile(directory.resolve(complete ? "_metadata" : "._metadata.inprogress.1"));
    }
}
