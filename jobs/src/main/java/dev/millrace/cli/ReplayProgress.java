package dev.millrace.cli;

import dev.millrace.local.LocalMetrics;
import dev.millrace.operator.inference.InferenceMetrics;
import java.io.PrintWriter;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** How far a replay is: a bar on a terminal, else a line now and then. One thread. */
final class ReplayProgress implements AutoCloseable {
    private static final String TERMINAL = "millrace.terminal";
    private static final long LINE_EVERY_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final LocalMetrics metrics;
    private final OptionalLong total;
    private final PrintWriter err;
    private final ProgressBar bar;
    private final long startNanos = System.nanoTime();
    private long lastLineNanos = startNanos;

    /**
     * @param total records to replay, where that is known
     */
    ReplayProgress(LocalMetrics metrics, OptionalLong total, PrintWriter err) {
        this.metrics = metrics;
        this.total = total;
        this.err = err;
        this.bar = Boolean.getBoolean(TERMINAL) ? newBar() : null;
    }

    private ProgressBar newBar() {
        return new ProgressBarBuilder()
                .setTaskName("replay")
                .setInitialMax(total.orElse(-1))
                .setUnit(" records", 1)
                .setStyle(ProgressBarStyle.ASCII)
                .showSpeed()
                .clearDisplayOnFinish()
                .build();
    }

    long read() {
        return metrics.count(InferenceMetrics.RECORDS_IN.name());
    }

    long scored() {
        return metrics.count(InferenceMetrics.RECORDS_SCORED.name());
    }

    void show() {
        long read = read();
        if (bar != null) {
            bar.stepTo(read);
            return;
        }
        long now = System.nanoTime();
        if (now - lastLineNanos < LINE_EVERY_NANOS) {
            return;
        }
        lastLineNanos = now;
        err.println(line(read, now));
        err.flush();
    }

    private String line(long read, long now) {
        double seconds = Math.max(1, now - startNanos) / (double) TimeUnit.SECONDS.toNanos(1);
        double rate = read / seconds;
        String counts = "%,d records, %,.0f/s".formatted(read, rate);
        if (total.isEmpty() || read == 0) {
            return counts;
        }
        long left = Math.max(0, total.getAsLong() - read);
        return "%d %%, %s, %,.0f s left"
                .formatted(
                        100 * Math.min(read, total.getAsLong()) / Math.max(1, total.getAsLong()),
                        counts,
                        left / rate);
    }

    /** Takes the bar away. */
    void finish() {
        if (bar != null) {
            bar.close();
        }
    }

    @Override
    public void close() {
        finish();
    }
}
