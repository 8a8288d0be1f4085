package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ReplayPaceTest {
    private static long seconds(long seconds) {
        return TimeUnit.SECONDS.toNanos(seconds);
    }

    @Test
    void tellsPercentRateAndTimeLeft() {
        ReplayPace pace = new ReplayPace(100_000, false);
        pace.at(seconds(3), 0, OptionalLong.of(0));
        assertThat(pace).hasToString("0 %, 0 records");
        pace.at(seconds(10), 10_000, OptionalLong.of(90_000));
        assertThat(pace).hasToString("10 %, 10,000 records");
        pace.at(seconds(20), 30_000, OptionalLong.of(70_000));
        assertThat(pace).hasToString("30 %, 30,000 records, 2,000/s, 35 s left");
    }

    @Test
    void countsWhatWasReplayedBeforeItWasStoppedInThePercentAlone() {
        ReplayPace pace = new ReplayPace(100_000, true);
        pace.at(seconds(10), 1_000, OptionalLong.of(49_000));
        pace.at(seconds(20), 2_000, OptionalLong.of(48_000));
        assertThat(pace).hasToString("52 %, 2,000 more records, 100/s, 8 min 0 s left");
    }

    @Test
    void tellsTheTimeThatBytesOfFilesTake() {
        ReplayPace pace = new ReplayPace(1 << 20, false);
        pace.at(seconds(10), 10, OptionalLong.of(1 << 20));
        pace.at(seconds(20), 1_010, OptionalLong.of(1 << 18));
        assertThat(pace).hasToString("75 %, 1,010 records, 100/s, 3 s left");
        pace.at(seconds(30), 1_300, OptionalLong.of(0));
        assertThat(pace).hasToString("100 %, 1,300 records, 65/s, 0 s left");
    }

    @Test
    void saysNoTimeWhileNothingGetsLess() {
        ReplayPace pace = new ReplayPace(50_000, false);
        pace.at(seconds(10), 10, OptionalLong.of(40_000));
        pace.at(seconds(20), 20, OptionalLong.empty());
        assertThat(pace).hasToString("20 %, 20 records, 1/s");
        pace.at(seconds(30), 20, OptionalLong.of(60_000));
        assertThat(pace.share()).isZero();
    }
}
