package dev.millrace.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The checkpoints and savepoints that runs of one pipeline have left in a folder. */
final class Checkpoints {
    /** Flink writes it last and all at once, so a folder that has it is complete. */
    private static final String METADATA = "_metadata";

    private static final int DEPTH = 3;

    private final Path folder;

    Checkpoints(Path directory, String pipeline) {
        folder = directory.toAbsolutePath().normalize().resolve(pipeline);
    }

    /**
     * One to resume from.
     *
     * @param path its folder
     * @param taken when it was complete
     */
    record Checkpoint(Path path, Instant taken) {}

    /** Where a run of the pipeline writes them. */
    Path folder() {
        return folder;
    }

    /** The newest one that is complete. */
    Optional<Checkpoint> latest() throws IOException {
        if (!Files.isDirectory(folder)) {
            return Optional.empty();
        }
        List<Path> complete;
        try (Stream<Path> files =
                Files.find(
                        folder,
                        DEPTH,
                        (path, attributes) ->
                                attributes.isRegularFile()
                                        && path.getFileName().toString().equals(METADATA))) {
            complete = files.toList();
        }
        Optional<Checkpoint> latest = Optional.empty();
        for (Path metadata : complete) {
            FileTime written = Files.getLastModifiedTime(metadata);
            Checkpoint next = new Checkpoint(metadata.getParent(), written.toInstant());
            if (latest.isEmpty() || latest.get().taken().isBefore(next.taken())) {
                latest = Optional.of(next);
            }
        }
        return latest;
    }
}
