package dev.millrace.gpu.testing;

import dev.millrace.gpu.engine.ModelArtifact;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Small networks as PyTorch's two exporters wrote them, in opsets 9 to 18: {@code
 * src/test/resources/exported}, whose README says how they were made.
 */
public final class ExportedModels {
    private static final String ENDING = ".onnx";

    private ExportedModels() {}

    /** All of them, by name. */
    public static List<ModelArtifact> all() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("src", "test", "resources", "exported"))) {
            return files.filter(file -> file.toString().endsWith(ENDING))
                    .sorted()
                    .map(ExportedModels::read)
                    .toList();
        }
    }

    private static ModelArtifact read(Path file) {
        String name = file.getFileName().toString().replace(ENDING, "");
        try {
            return new ModelArtifact(name, "1", Files.readAllBytes(file), file.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
