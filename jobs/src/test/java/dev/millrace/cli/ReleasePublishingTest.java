package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class ReleasePublishingTest {
    private static final Instant SOON = Instant.parse("2026-02-01T12:00:00Z");

    @Test
    void proposesATimeThatRecordsAheadOfTheClockHaveNotPassed() {
        assertThat(ReleasePublishing.proposal(Instant.parse("2026-02-01T12:30:00.001Z"), SOON))
                .isEqualTo("2026-02-01T12:31:00Z");
        assertThat(ReleasePublishing.proposal(Instant.parse("2026-02-01T11:59:30Z"), SOON))
                .isEqualTo("2026-02-01T12:00:30Z");
        assertThat(ReleasePublishing.proposal(Instant.parse("2026-01-01T00:00:00Z"), SOON))
                .isEqualTo(SOON);
    }
}
