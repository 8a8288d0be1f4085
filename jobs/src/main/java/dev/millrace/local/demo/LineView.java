package dev.millrace.local.demo;

import java.io.PrintStream;

/** Plain lines, for pipes and logs: one every two seconds. */
final class LineView implements DemoView {
    private final PrintStream out;

    LineView(PrintStream out) {
        this.out = out;
    }

    @Override
    public void say(String line) {
        out.println(line);
        out.flush();
    }

    @Override
    public void show(DemoStatus status) {
        DemoStatus.Latency latency = status.latency();
        say(
                "%s  %s  submitted %s  scored %s  dead letters %s  %s  latency p50 %s p99 %s  rows %.0f"
                        .formatted(
                                Texts.duration(status.seconds()),
                                status.phase(),
                                Texts.count(status.submitted()),
                                Texts.count(status.totals().scored()),
                                Texts.count(status.totals().deadLetters()),
                                Texts.rate(status.donePerSecond()),
                                Texts.millis(latency.p50()),
                                Texts.millis(latency.p99()),
                                status.batching().medianRows()));
    }

    @Override
    public long intervalMs() {
        return 2000;
    }

    @Override
    public void close() {}
}
