package dev.millrace.cluster;

import dev.millrace.job.BundledPipeline;
import dev.millrace.job.config.PipelineShipment;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A copy of the job's jar with a pipeline in it, in a temporary file that goes when closed. */
final class PipelineJar implements AutoCloseable {
    private static final String PIPELINE = "pipeline.yaml";

    private final Path file;

    /**
     * Makes the copy.
     *
     * @param jobs the job's jar
     */
    PipelineJar(Path jobs, PipelineShipment pipeline) throws IOException {
        file = Files.createTempFile("millrace-", ".jar");
        try {
            Files.copy(jobs, file, StandardCopyOption.REPLACE_EXISTING);
            // Entries that are there already are copied as they are, not compressed again.
            try (FileSystem jar =
                    FileSystems.newFileSystem(URI.create("jar:" + file.toUri()), Map.of())) {
                write(jar.getPath(BundledPipeline.FOLDER), pipeline);
            }
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    private static void write(Path folder, PipelineShipment pipeline) throws IOException {
        List<String> index = new ArrayList<>(List.of(PIPELINE));
        index.addAll(pipeline.files().keySet());
        Files.createDirectories(folder);
        Files.write(folder.resolve(BundledPipeline.INDEX), index, StandardCharsets.UTF_8);
        Files.writeString(folder.resolve(PIPELINE), pipeline.yaml());
        for (Map.Entry<String, Path> content : pipeline.files().entrySet()) {
            Path target = folder.resolve(content.getKey());
            Files.createDirectories(target.getParent());
            Files.copy(content.getValue(), target, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    Path file() {
        return file;
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(file);
    }
}
