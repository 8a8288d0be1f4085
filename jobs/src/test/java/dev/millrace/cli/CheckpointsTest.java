package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointsTest {
    @TempDir private Path directory;

    private Path complete(String name, long second) throws IOException {
        Path folder = Files.createDirectories(directory.resolve("fraud").resolve(name));
        Path metadata = Files.createFile(folder.resolve("_metadata"));
        Files.setLastModifiedTime(metadata, FileTime.from(Instant.ofEpochSecond(second)));
        return folder;
    }

    @Test
    void findsNothingWhereNothingWasWritten() throws IOException {
        assertThat(new Checkpoints(directory, "fraud").latest()).isEmpty();
    }

    @Test
    void findsTheNewestOfAllRunsAndKinds() throws IOException {
        complete("job-1/chk-40", 100);
        Path newest = complete("savepoint-1", 300);
        complete("job-2/chk-3", 200);

        assertThat(new Checkpoints(directory, "fraud").latest())
                .contains(new Checkpoints.Checkpoint(newest, Instant.ofEpochSecond(300)));
    }

    @Test
    void ignoresOnesThatWereNotCompletedAndOtherPipelines() throws IOException {
        Path older = complete("job-1/chk-3", 100);
        Files.createDirectories(directory.resolve("fraud/job-1/chk-4"));
        Path other = Files.createDirectories(directory.resolve("other/job-1/chk-9"));
        Files.createFile(other.resolve("_metadata"));

        assertThat(new Checkpoints(directory, "fraud").latest())
                .map(Checkpoints.Checkpoint::path)
                .contains(older);
    }
}
