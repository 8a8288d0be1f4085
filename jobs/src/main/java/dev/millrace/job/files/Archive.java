package dev.millrace.job.files;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.FileSystems;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.apache.flink.connector.file.src.FileSource;
import org.apache.flink.connector.file.src.assigners.LocalityAwareSplitAssigner;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Archived files of one type: single files, folders with all below them, or patterns such as {@code
 * 2026-01-*.avro}, in any file system that Flink knows.
 *
 * @param files in the order of their paths
 */
public record Archive(List<Path> files, ArchiveType type) {
    public Archive {
        files = List.copyOf(files);
    }

    /**
     * Looks the files up.
     *
     * @throws IllegalArgumentException if a path holds no file, or files are of several types
     */
    public static Archive of(List<String> paths) throws IOException {
        TreeSet<Path> files = new TreeSet<>(Comparator.comparing(Path::toString));
        for (String path : paths) {
            files.addAll(find(path));
        }
        Optional<ArchiveType> type = Optional.empty();
        for (Path file : files) {
            ArchiveType next =
                    ArchiveType.of(file.getName())
                            .orElseThrow(
                                    () ->
                                            new IllegalArgumentException(
                                                    "the name of %s does not say what it holds; it should end in .avro, .parquet, .jsonl, .ndjson or .json"
                                                            .formatted(file)));
            if (type.isPresent() && type.get() != next) {
                throw new IllegalArgumentException(
                        "%s and %s are of two types; replay them one after the other"
                                .formatted(files.first(), file));
            }
            type = Optional.of(next);
        }
        return new Archive(new ArrayList<>(files), type.orElseThrow());
    }

    private static List<Path> find(String text) throws IOException {
        Wildcard wildcard = Wildcard.of(text);
        Path root = new Path(wildcard.root);
        FileSystem system = root.getFileSystem();
        if (!system.exists(root)) {
            throw new IllegalArgumentException("there is no file or folder " + root);
        }
        List<Path> found = new ArrayList<>();
        collect(system, system.getFileStatus(root), wildcard, found);
        if (found.isEmpty()) {
            throw new IllegalArgumentException("there is no file in " + text);
        }
        return found;
    }

    private static void collect(
            FileSystem system, FileStatus status, Wildcard wildcard, List<Path> found)
            throws IOException {
        Path path = status.getPath();
        if (!status.isDir()) {
            if (wildcard.matches(path)) {
                found.add(path);
            }
            return;
        }
        for (FileStatus child : system.listStatus(path)) {
            String name = child.getPath().getName();
            // As everywhere in this world: what begins so is not finished or not data.
            if (!name.startsWith(".") && !name.startsWith("_")) {
                collect(system, child, wildcard, found);
            }
        }
    }

    /** How long all files are together. */
    public long bytes() throws IOException {
        long bytes = 0;
        for (Path file : files) {
            bytes += file.getFileSystem().getFileStatus(file).getLen();
        }
        return bytes;
    }

    /**
     * A source of all records of the files.
     *
     * @param schemaJson the schema that Avro and Parquet records are resolved against
     * @param times which records by their timestamps
     */
    public FileSource<ConsumerRecord<byte[], byte[]>> source(
            String schemaJson, ArchiveFields fields, TimeRange times) {
        return FileSource.forBulkFileFormat(
                        format(schemaJson, fields, times), files.toArray(Path[]::new))
                .setSplitAssigner(LocalityAwareSplitAssigner::new)
                .build();
    }

    ArchiveFormat format(String schemaJson, ArchiveFields fields, TimeRange times) {
        return new ArchiveFormat(type, root(), schemaJson, fields, times);
    }

    /** What all paths begin with, up to a slash; empty where file names alone tell them apart. */
    private String root() {
        if (files.stream().map(Path::getName).distinct().count() == files.size()) {
            return "";
        }
        String first = files.get(0).toString();
        // They are in order, so what these two begin with all begin with.
        String last = files.get(files.size() - 1).toString();
        int same = 0;
        while (same < Math.min(first.length(), last.length())
                && first.charAt(same) == last.charAt(same)) {
            same++;
        }
        return first.substring(0, first.lastIndexOf('/', same - 1) + 1);
    }

    /**
     * The topic of a file's records where no field says it: the file's name, or its path below the
     * archive's root where two files have one name. So no two records have one position.
     *
     * @param root of the archive, empty for none
     */
    static String topicOf(Path file, String root) {
        String path = file.toString();
        return !root.isEmpty() && path.startsWith(root)
                ? path.substring(root.length())
                : file.getName();
    }

    /** A path with wildcards in its last components, and the folder above the first of them. */
    private record Wildcard(String root, PathMatcher matcher) implements Serializable {
        static Wildcard of(String text) {
            int first = firstWildcard(text);
            if (first < 0) {
                return new Wildcard(text, path -> true);
            }
            int slash = text.lastIndexOf('/', first);
            String root = slash < 0 ? "." : slash == 0 ? "/" : text.substring(0, slash);
            String rest = text.substring(slash + 1);
            String prefix = new Path(root).getPath();
            String glob = (prefix.equals(".") ? "" : prefix + "/") + rest;
            return new Wildcard(
                    root,
                    FileSystems.getDefault().getPathMatcher("glob:{" + glob + ",**/" + glob + "}"));
        }

        private static int firstWildcard(String text) {
            for (int i = 0; i < text.length(); i++) {
                if ("*?[{".indexOf(text.charAt(i)) >= 0) {
                    return i;
                }
            }
            return -1;
        }

        boolean matches(Path path) {
            return matcher.matches(java.nio.file.Path.of(path.getPath()));
        }
    }
}
