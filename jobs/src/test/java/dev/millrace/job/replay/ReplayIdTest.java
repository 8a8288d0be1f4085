package dev.millrace.job.replay;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ReplayIdTest {
    @Test
    void aFolderIsTheSameHoweverItIsWritten() {
        String id = Replay.id("fraud", null, "out");
        assertThat(id).matches("fraud-to-out-[0-9a-f]{8}");
        assertThat(Replay.id("fraud", null, "./out/")).isEqualTo(id);
        assertThat(Replay.id("fraud", null, Path.of("out").toAbsolutePath().toString()))
                .isEqualTo(id);
        assertThat(Replay.id("fraud", null, "other/out")).isNotEqualTo(id);
        assertThat(Replay.id("fraud", null, "s3://bucket/out"))
                .isEqualTo(Replay.id("fraud", null, "s3://bucket/out/"))
                .isNotEqualTo(id);
    }

    @Test
    void aTopicGoesByItsName() {
        assertThat(Replay.id("fraud", "again", null)).isEqualTo("fraud-to-again");
    }
}
