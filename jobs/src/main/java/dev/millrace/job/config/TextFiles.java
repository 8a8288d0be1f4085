package dev.millrace.job.config;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** Reads the files a pipeline is written in, and says of those that are no text what they are. */
final class TextFiles {
    private TextFiles() {}

    /**
     * The text of a pipeline's file.
     *
     * @throws ConfigException if it is a folder, or not text
     * @throws IOException if it is not there or may not be read
     */
    static String pipeline(Path file) throws ConfigException, IOException {
        if (Files.isDirectory(file)) {
            throw refused(file, "this is a folder", "Name the pipeline's file in it");
        }
        try {
            return Files.readString(file);
        } catch (CharacterCodingException e) {
            throw refused(file, "this is not UTF-8 text", "A pipeline's file is YAML");
        }
    }

    private static ConfigException refused(Path file, String message, String fix) {
        return new ConfigException(List.of(new ConfigProblem(file.toString(), 0, message, fix)));
    }

    /** What keeps a file from being read as text, completing "file x ...". */
    static String fault(Path file, IOException failure) {
        if (failure instanceof NoSuchFileException) {
            return "does not exist";
        }
        if (Files.isDirectory(file)) {
            return "is a folder";
        }
        return failure instanceof CharacterCodingException ? "is not UTF-8 text" : "cannot be read";
    }
}
