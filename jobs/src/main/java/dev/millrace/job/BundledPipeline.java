package dev.millrace.job;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A pipeline inside the job's own jar: {@code millrace job submit} puts it there, the job's main
 * takes it out. The folder that it is taken out to exists until it is closed.
 */
public final class BundledPipeline implements AutoCloseable {
    /** Where a jar has its pipeline. */
    public static final String FOLDER = "millrace-pipeline/";

    /** Lists the files in the folder, one path a line, the pipeline's own first. */
    public static final String INDEX = "index";

    private static final String TEMPORARY = "millrace-pipeline-";

    private final Path folder;
    private final Path file;

    /**
     * Takes the pipeline out of the jar that this class is in.
     *
     * @throws FileNotFoundException if there is none
     */
    BundledPipeline() throws IOException {
        List<String> index = new String(read(INDEX), StandardCharsets.UTF_8).lines().toList();
        folder = Files.createTempDirectory(TEMPORARY);
        file = folder.resolve(index.get(0));
        try {
            for (String path : index) {
                Path target = folder.resolve(path).normalize();
                if (!target.startsWith(folder)) {
                    throw new IOException("The jar's pipeline names a file outside: " + path);
                }
                Files.createDirectories(target.getParent());
                Files.write(target, read(path));
            }
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    /** The pipeline's file. */
    Path file() {
        return file;
    }

    private static byte[] read(String path) throws IOException {
        ClassLoader loader = BundledPipeline.class.getClassLoader();
        try (InputStream in = loader.getResourceAsStream(FOLDER + path)) {
            if (in == null) {
                throw new FileNotFoundException(
                        "There is no pipeline in this jar (%s%s); name a pipeline's file"
                                .formatted(FOLDER, path));
            }
            return in.readAllBytes();
        }
    }

    @Override
    public void close() throws IOException {
        List<Path> paths;
        try (Stream<Path> found = Files.walk(folder)) {
            paths = found.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : paths) {
            Files.deleteIfExists(path);
        }
    }
}
