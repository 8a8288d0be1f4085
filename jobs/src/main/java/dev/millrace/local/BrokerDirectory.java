package dev.millrace.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

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
            Directories.deleteTree(path);
        }
    }
}
