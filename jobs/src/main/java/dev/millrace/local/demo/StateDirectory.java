package dev.millrace.local.demo;

import dev.millrace.local.Directories;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;

/**
 * What a demo leaves behind, so that the next one can go on: the broker's data, Flink's checkpoints
 * by run, the pipeline, its log and the {@link Plan}. Locked while it is in use.
 */
final class StateDirectory implements AutoCloseable {
    private static final String PLAN_FILE = "demo.properties";
    private static final String LOCK_FILE = "lock";

    private final Path root;
    private final FileChannel lockChannel;
    private final Plan plan;
    private final int run;

    private StateDirectory(Path root, FileChannel lockChannel, Plan plan, int run) {
        this.root = root;
        this.lockChannel = lockChannel;
        this.plan = plan;
        this.run = run;
    }

    /**
     * Begins a demo, deleting what an earlier one left.
     *
     * @throws DemoException if the directory holds something else or is in use
     */
    static StateDirectory begin(Path root, Plan plan) {
        FileChannel lock = lock(root);
        try {
            refuseForeign(root);
            deleteAllBut(root, LOCK_FILE);
            StateDirectory directory = new StateDirectory(root, lock, plan, 1);
            directory.save();
            return directory;
        } catch (IOException | RuntimeException e) {
            throw closing(lock, root, e);
        }
    }

    /**
     * Goes on with a demo that was stopped or killed.
     *
     * @throws DemoException if there is none, or it is in use
     */
    static StateDirectory resume(Path root, Plan.Changes changes) {
        if (!Files.exists(root.resolve(PLAN_FILE))) {
            throw new DemoException(
                    "There is nothing to resume in %s; leave out --resume to begin"
                            .formatted(root));
        }
        FileChannel lock = lock(root);
        try {
            Properties saved = new Properties();
            try (var reader = Files.newBufferedReader(root.resolve(PLAN_FILE))) {
                saved.load(reader);
            }
            int run = Integer.parseInt(saved.getProperty("run")) + 1;
            Plan plan = changes.applyTo(Plan.fromProperties(saved));
            StateDirectory directory = new StateDirectory(root, lock, plan, run);
            directory.save();
            return directory;
        } catch (IOException | RuntimeException e) {
            throw closing(lock, root, e);
        }
    }

    Plan plan() {
        return plan;
    }

    /** 1 for the first process that worked on this state, one more for each after it. */
    int run() {
        return run;
    }

    Path root() {
        return root;
    }

    Path broker() {
        return root.resolve("kafka");
    }

    Path pipeline() {
        return root.resolve("pipeline.yaml");
    }

    Path log() {
        return root.resolve("millrace.log");
    }

    /** Where this run's checkpoints go. */
    Path checkpoints() {
        return checkpointsOf(run);
    }

    /**
     * The last complete checkpoint of any run before this one. A checkpoint is complete when its
     * metadata is there: Flink moves that file into place when all else is written.
     */
    Optional<Path> lastCheckpoint() {
        for (int earlier = run - 1; earlier >= 1; earlier--) {
            Optional<Path> checkpoint = lastCheckpoint(checkpointsOf(earlier));
            if (checkpoint.isPresent()) {
                return checkpoint;
            }
        }
        return Optional.empty();
    }

    /** Bytes that all files take. */
    long sizeBytes() {
        try (Stream<Path> files = Files.walk(root)) {
            return files.mapToLong(StateDirectory::sizeOf).sum();
        } catch (IOException | UncheckedIOException e) {
            // Logs and checkpoints come and go while they are counted.
            return 0;
        }
    }

    @Override
    public void close() {
        try {
            lockChannel.close();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot unlock " + root, e);
        }
    }

    private Path checkpointsOf(int someRun) {
        return root.resolve("checkpoints").resolve("run-" + someRun);
    }

    private static Optional<Path> lastCheckpoint(Path directory) {
        if (!Files.isDirectory(directory)) {
            return Optional.empty();
        }
        try (Stream<Path> files = Files.walk(directory, 3)) {
            return files.filter(file -> file.endsWith("_metadata"))
                    .map(Path::getParent)
                    .max(Comparator.comparingLong(StateDirectory::checkpointNumber));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot look for checkpoints in " + directory, e);
        }
    }

    private static long checkpointNumber(Path checkpoint) {
        return Long.parseLong(checkpoint.getFileName().toString().substring("chk-".length()));
    }

    private static long sizeOf(Path file) {
        try {
            return Files.isRegularFile(file) ? Files.size(file) : 0;
        } catch (NoSuchFileException e) {
            return 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void save() throws IOException {
        Properties properties = plan.toProperties();
        properties.setProperty("run", Integer.toString(run));
        Path written = root.resolve(PLAN_FILE + ".new");
        try (Writer writer = Files.newBufferedWriter(written)) {
            properties.store(writer, "A demo's plan, for --resume");
        }
        Files.move(
                written,
                root.resolve(PLAN_FILE),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
    }

    private static FileChannel lock(Path root) {
        try {
            Files.createDirectories(root);
            FileChannel channel =
                    FileChannel.open(
                            root.resolve(LOCK_FILE),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE);
            FileLock lock = tryLock(channel);
            if (lock == null) {
                channel.close();
                throw new DemoException(
                        "Another demo is running on %s; stop it or name another --state-dir"
                                .formatted(root));
            }
            return channel;
        } catch (IOException e) {
            throw new DemoException("Cannot use %s as state directory: %s".formatted(root, e), e);
        }
    }

    private static FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    private static void refuseForeign(Path root) throws IOException {
        boolean ours = Files.exists(root.resolve(PLAN_FILE));
        if (!ours && !content(root, LOCK_FILE).isEmpty()) {
            throw new DemoException(
                    "%s holds files that are not a demo's; name an empty --state-dir"
                            .formatted(root));
        }
    }

    private static void deleteAllBut(Path root, String kept) throws IOException {
        for (Path child : content(root, kept)) {
            Directories.deleteTree(child);
        }
    }

    private static List<Path> content(Path root, String but) throws IOException {
        try (Stream<Path> children = Files.list(root)) {
            return children.filter(child -> !child.endsWith(but)).toList();
        }
    }

    private static RuntimeException closing(FileChannel lock, Path root, Exception failure) {
        try {
            lock.close();
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
        if (failure instanceof DemoException refused) {
            return refused;
        }
        return new DemoException(
                "Cannot use %s as state directory: %s".formatted(root, failure), failure);
    }
}
