package dev.millrace.local.demo;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A page that redraws itself in place, by ANSI escape sequences. What was said once stays above it.
 */
final class TerminalView implements DemoView {
    /** Without a cursor, and without wrapping: a line that is too wide must stay one line. */
    private static final String TAKE = "\u001b[?25l\u001b[?7l";

    private static final String GIVE_BACK = "\u001b[?25h\u001b[?7h";
    private static final String CLEAR_TO_END_OF_LINE = "\u001b[K";
    private static final String CLEAR_BELOW = "\u001b[J";
    private static final String BOLD = "\u001b[1m";
    private static final String DIM = "\u001b[2m";
    private static final String PLAIN = "\u001b[0m";

    private final PrintStream out;
    private int linesDrawn;
    private boolean closed;

    TerminalView(PrintStream out) {
        this.out = out;
        out.print(TAKE);
    }

    @Override
    public void say(String line) {
        out.print(backToTop() + line + CLEAR_TO_END_OF_LINE + CLEAR_BELOW + "\n");
        out.flush();
        linesDrawn = 0;
    }

    @Override
    public void show(DemoStatus status) {
        if (closed) {
            return;
        }
        StringBuilder page = new StringBuilder(backToTop());
        List<String> lines = page(status);
        for (String line : lines) {
            page.append(line).append(PLAIN).append(CLEAR_TO_END_OF_LINE).append('\n');
        }
        out.print(page.append(CLEAR_BELOW));
        out.flush();
        linesDrawn = lines.size();
    }

    @Override
    public long intervalMs() {
        return 250;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            linesDrawn = 0;
            out.print(GIVE_BACK);
            out.flush();
        }
    }

    private String backToTop() {
        return linesDrawn == 0 ? "" : "\u001b[" + linesDrawn + "A\r";
    }

    private List<String> page(DemoStatus status) {
        List<String> lines = new ArrayList<>();
        lines.add("");
        lines.add(
                row("Millrace demo", Texts.duration(status.seconds()) + "  " + status.phase(), ""));
        lines.add("");
        lines.add(row("submitted", ofPlan(status), Texts.rate(status.submittedPerSecond())));
        lines.add(
                row(
                        "scored",
                        Texts.count(status.totals().scored()),
                        Texts.rate(status.donePerSecond()) + "  " + curve(status)));
        lines.add(row("dead letters", Texts.count(status.totals().deadLetters()), ""));
        lines.add("");
        lines.add(row("latency", latency(status.latency()), "until a committed reader has it"));
        lines.add(row("in the operator", operatorLatency(status.batching()), ""));
        lines.add(row("micro-batches", batchSizes(status.batching()), ""));
        lines.add(row("flushed", flushes(status.batching()), ""));
        lines.add(row("engine", status.engine(), ""));
        lines.add("");
        for (String sample : status.samples()) {
            lines.add(DIM + "  " + sample);
        }
        return lines;
    }

    private static String row(String name, String value, String aside) {
        return "  %-15s  %s%s%s  %s%s".formatted(name, BOLD, value, PLAIN, DIM, aside);
    }

    private static String ofPlan(DemoStatus status) {
        String count = Texts.count(status.submitted());
        if (status.planned() == Long.MAX_VALUE) {
            return count;
        }
        return "%s of %s (%s)"
                .formatted(
                        count,
                        Texts.count(status.planned()),
                        Texts.percent(status.submitted(), status.planned()));
    }

    private static String curve(DemoStatus status) {
        return Texts.curve(
                status.doneOverTime().stream().mapToDouble(Double::doubleValue).toArray());
    }

    private static String latency(DemoStatus.Latency latency) {
        if (latency.count() == 0) {
            return "waiting for the first checkpoint";
        }
        return "p50 %s   p90 %s   p99 %s   max %s"
                .formatted(
                        Texts.millis(latency.p50()),
                        Texts.millis(latency.p90()),
                        Texts.millis(latency.p99()),
                        Texts.millis(latency.max()));
    }

    private static String operatorLatency(DemoStatus.Batching batching) {
        return "p50 %s   p99 %s"
                .formatted(
                        Texts.millis(batching.operatorP50Ms()),
                        Texts.millis(batching.operatorP99Ms()));
    }

    private static String batchSizes(DemoStatus.Batching batching) {
        return "median %s records   largest %s"
                .formatted(
                        Texts.count(Math.round(batching.medianRows())),
                        Texts.count(batching.largestRows()));
    }

    private static String flushes(DemoStatus.Batching batching) {
        long all = batching.flushes().values().stream().mapToLong(Long::longValue).sum();
        return batching.flushes().entrySet().stream()
                .map(entry -> entry.getKey() + " " + Texts.percent(entry.getValue(), all))
                .collect(Collectors.joining("   "));
    }
}
