package dev.millrace.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Shows how far a submission is: a bar in a terminal, a line now and then elsewhere. */
final class SubmitProgress implements AutoCloseable {
    /** Set by the launcher where standard error is a terminal: Java itself cannot tell. */
    private static final String TERMINAL = "millrace.terminal";

    private static final int UPDATE_EVERY = 256;
    private static final long LINE_EVERY_NANOS = 5_000_000_000L;
    private static final long MEBIBYTE = 1 << 20;

    private final List<Path> files;
    private final List<Long> sizes;
    private final long total;
    private final PrintWriter err;

    /** Null without a terminal, and once it is closed. */
    private ProgressBar bar;

    private long calls;
    private long lastLineNanos = System.nanoTime();

    private SubmitProgress(List<Path> files, List<Long> sizes, PrintWriter err, boolean terminal) {
        this.files = files;
        this.sizes = sizes;
        this.total = sizes.stream().mapToLong(Long::longValue).sum();
        this.err = err;
        this.bar = terminal ? newBar() : null;
    }

    static SubmitProgress of(List<Path> files, PrintWriter err) throws IOException {
        List<Long> sizes = new ArrayList<>();
        for (Path file : files) {
            sizes.add(Files.size(file));
        }
        return new SubmitProgress(files, sizes, err, Boolean.getBoolean(TERMINAL));
    }

    private ProgressBar newBar() {
        return new ProgressBarBuilder()
                .setTaskName("submit")
                .setInitialMax(total)
                .setUnit(" MiB", MEBIBYTE)
                .setStyle(ProgressBarStyle.ASCII)
                .clearDisplayOnFinish()
                .build();
    }

    /** So much of a file was read, so many records of all files were sent and refused. */
    void at(Path file, long bytesRead, long sent, long refused) {
        if (++calls % UPDATE_EVERY != 0) {
            return;
        }
        long before = 0;
        for (int i = 0; i < files.indexOf(file); i++) {
            before += sizes.get(i);
        }
        String counts = "%d sent, %d refused".formatted(sent, refused);
        if (bar != null) {
            bar.stepTo(before + bytesRead);
            bar.setExtraMessage(" " + counts);
            return;
        }
        long now = System.nanoTime();
        if (now - lastLineNanos >= LINE_EVERY_NANOS) {
            lastLineNanos = now;
            long percent = total == 0 ? 100 : 100 * (before + bytesRead) / total;
            err.println("%d %%, %s".formatted(percent, counts));
            err.flush();
        }
    }

    /** Something else is about to be printed. */
    void pause() {
        if (bar != null) {
            bar.refresh();
            err.println();
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }
}
