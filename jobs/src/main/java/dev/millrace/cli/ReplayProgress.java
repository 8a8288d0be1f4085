package dev.millrace.cli;

import dev.millrace.local.LocalMetrics;
import dev.millrace.operator.inference.InferenceMetrics;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** How far a replay is: a bar on a terminal, else a line now and then. One thread. */
final class ReplayProgress implements AutoCloseable {
    private static final String TERMINAL = "millrace.terminal";
    private static final long LINE_EVERY_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final int BAR_STEPS = 1000;

    private final LocalMetrics metrics;
    private final ReplayPace pace;
    private final PrintWriter err;
    private final Optional<ProgressBar> bar;
    private long lastLineNanos = System.nanoTime();

    /**
     * @param size of the whole replay, in records or bytes, as {@link
     *     InferenceMetrics#REPLAY_REMAINING} counts what is left of it
     * @param resumed whether some of it was replayed before
     */
    ReplayProgress(LocalMetrics metrics, long size, boolean resumed, PrintWriter err) {
        this.metrics = metrics;
        this.pace = new ReplayPace(size, resumed);
        this.err = err;
        this.bar = Boolean.getBoolean(TERMINAL) ? Optional.of(newBar()) : Optional.empty();
    }

    private static ProgressBar newBar() {
        return new ProgressBarBuilder()
                .setTaskName("replay")
                .setInitialMax(BAR_STEPS)
                .setStyle(ProgressBarStyle.ASCII)
                .hideEta()
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
        long now = System.nanoTime();
        OptionalLong left = metrics.sum(InferenceMetrics.REPLAY_REMAINING.name());
        pace.at(now, read(), left);
        if (bar.isPresent()) {
            bar.get().stepTo(Math.round(BAR_STEPS * pace.share()));
            bar.get().setExtraMessage(pace.withoutPercent());
        } else if (now - lastLineNanos >= LINE_EVERY_NANOS) {
            lastLineNanos = now;
            err.println(pace);
            err.flush();
        }
    }

    /** Takes the bar away. */
    void finish() {
        bar.ifPresent(ProgressBar::close);
    }

    @Override
    public void close() {
        finish();
    }
}
