package dev.millrace.local.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProgressTest {
    private static final long SECOND = 1_000_000_000L;

    @Test
    void tellsRatesOverTheLastSecondsAlone() {
        Progress progress = new Progress(0, 0, 0);
        for (int second = 1; second <= 10; second++) {
            progress.look(second * SECOND, second * 100L, second * 80L);
        }
        for (int second = 11; second <= 20; second++) {
            progress.look(second * SECOND, 1000 + (second - 10) * 500L, 800 + (second - 10) * 400L);
        }
        assertThat(progress.submittedPerSecond()).isEqualTo(500);
        assertThat(progress.donePerSecond()).isEqualTo(400);
        assertThat(progress.curve()).hasSize(20).startsWith(80.0).endsWith(400.0);
    }

    @Test
    void doesNotJumpWhenResultsComeInBursts() {
        Progress progress = new Progress(0, 0, 0);
        for (int tenth = 1; tenth <= 80; tenth++) {
            progress.look(tenth * SECOND / 10, tenth * 10L, tenth / 10 * 100L);
        }
        assertThat(progress.donePerSecond()).isBetween(80.0, 120.0);
    }

    @Test
    void knowsNoRateBeforeTimeHasPassed() {
        Progress progress = new Progress(7, 3, 3);
        progress.look(7, 5, 5);
        assertThat(progress.submittedPerSecond()).isZero();
    }
}
