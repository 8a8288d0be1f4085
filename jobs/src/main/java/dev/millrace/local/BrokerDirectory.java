package dev.millrace.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Where a broker keeps its data: a user's directory, kept, or a temporary one, deleted. */
record BrokerDirectory(Path path, boolean temporary) {
    static BrokerDirectory temporaryDirectory() {
        try {
            return new BrokerDirectory(Files.createTempDirectory("millrace-kafka-"), true);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot create a temporary directory for a broker", e);
        }
    }

    void deleteIfTemporary() {
        if (temporary) {
            deleteTree(path);
        }
    }

    /** Deletes a directory with everything in it, if it exists. */
    static void deleteTree(Path root) {
        if (!Files.exists(root)) {
            return;
        }
        List<Path> deepestFirst;
        try (Stream<Path> files = Files.walk(root)) {
            deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
            for (Path file : deepestFirst) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot delete " + root, e);
        }
    }
}
