package dev.millrace.compare;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** A report as text for a terminal. */
@SuppressWarnings("AnnotateFormatMethod") // no annotation of a checker in what is shipped
public final class ReportTable {
    private static final int MOST_GROUPS = 20;

    private final List<String> lines = new ArrayList<>();

    private ReportTable() {}

    public static String of(Report report) {
        ReportTable table = new ReportTable();
        table.sides(report);
        table.scores(report);
        report.decision().ifPresent(table::decision);
        table.groups("Model left / right", report.models());
        table.groups("By", report.groups());
        return String.join(System.lineSeparator(), table.lines);
    }

    private void line(String format, Object... values) {
        lines.add(format.formatted(values).stripTrailing());
    }

    private void sides(Report report) {
        line("%-24s %16s %16s", "", "left", "right");
        line("%-24s %16s %16s", "", last(report.left().name()), last(report.right().name()));
        row("records read", report.left().read(), report.right().read());
        row("no scored records", report.left().notScored(), report.right().notScored());
        row("left out by their time", report.left().outOfRange(), report.right().outOfRange());
        row("repeated, equal", report.left().duplicates(), report.right().duplicates());
        row("repeated, different", report.left().conflicts(), report.right().conflicts());
        row("on this side alone", report.left().alone(), report.right().alone());
        examples("left", report.left());
        examples("right", report.right());
        line("exactness left %s, right %s", exactness(report.left()), exactness(report.right()));
        line("");
        line(
                "%,d records on both sides: %,d with equal bits, %,d different",
                report.joined(), report.equal(), report.different());
    }

    private static String exactness(Report.SideCounts counts) {
        return counts.exactness().isEmpty() ? "not said" : counts.exactness().toString();
    }

    private static String last(String name) {
        return name.length() <= 16 ? name : "…" + name.substring(name.length() - 15);
    }

    private void row(String what, long left, long right) {
        line("%-24s %,16d %,16d", what, left, right);
    }

    private void examples(String side, Report.SideCounts counts) {
        if (!counts.aloneExamples().isEmpty()) {
            List<String> few =
                    counts.aloneExamples().subList(0, Math.min(3, counts.aloneExamples().size()));
            line("  %s alone: %s%s", side, String.join(", ", few), counts.alone() > 3 ? ", …" : "");
        }
    }

    private void scores(Report report) {
        if (report.scores().isEmpty()) {
            return;
        }
        line("");
        line(
                "%-24s %14s %14s %12s %12s  %s",
                "score", "compared", "equal bits", "largest", "mean", "largest at");
        for (Report.ScoreDifference score : report.scores()) {
            line(
                    "%-24s %,14d %,14d %12.4g %12.4g  %s",
                    score.name(),
                    score.compared(),
                    score.equal(),
                    score.largest(),
                    score.mean(),
                    score.largestAt());
            if (score.missing() > 0 || score.nanOnOneSide() > 0) {
                line(
                        "%-24s %,d without a counterpart, %,d NaN on one side alone",
                        "", score.missing(), score.nanOnOneSide());
            }
        }
    }

    private void decision(Report.Decision decision) {
        line("");
        line("Decision by %s, positive at and above %s", decision.score(), decision.threshold());
        row("  positive", decision.positiveLeft(), decision.positiveRight());
        line(
                "  flips %,d: %,d to positive, %,d to negative",
                decision.flipped(), decision.toPositive(), decision.toNegative());
        for (Report.Flip flip : decision.flips().subList(0, Math.min(5, decision.flips().size()))) {
            line(
                    "    %s  %s  %.6g -> %.6g",
                    Instant.ofEpochMilli(flip.timestampMs()),
                    flip.position(),
                    flip.left(),
                    flip.right());
        }
        line(
                "  mean %.6g -> %.6g, median %.6g -> %.6g",
                decision.left().mean(),
                decision.right().mean(),
                median(decision.left()),
                median(decision.right()));
        line(
                "  PSI %.4g over %d bins between the left side's deciles, Kolmogorov-Smirnov %.4g",
                decision.psi(), decision.psiBins(), decision.ks());
    }

    private static double median(Report.Distribution distribution) {
        List<Double> quantiles = distribution.quantiles();
        return quantiles.isEmpty() ? 0 : quantiles.get(quantiles.size() / 2);
    }

    private void groups(String title, List<Report.Group> groups) {
        if (groups.isEmpty()) {
            return;
        }
        line("");
        line("%-40s %14s %14s %10s %12s", title, "records", "different", "flips", "largest");
        for (Report.Group group : groups.subList(0, Math.min(MOST_GROUPS, groups.size()))) {
            line(
                    "%-40s %,14d %,14d %,10d %12.4g",
                    group.value(),
                    group.joined(),
                    group.different(),
                    group.flipped(),
                    group.largest());
        }
        if (groups.size() > MOST_GROUPS) {
            line("… and %d more", groups.size() - MOST_GROUPS);
        }
    }
}
