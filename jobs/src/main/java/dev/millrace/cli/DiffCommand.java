package dev.millrace.cli;

import dev.millrace.compare.Comparison;
import dev.millrace.compare.ComparisonOptions;
import dev.millrace.compare.Report;
import dev.millrace.compare.ReportPage;
import dev.millrace.compare.ReportTable;
import dev.millrace.job.replay.ReplayOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Compares two sets of scored records. */
@Command(
        name = "diff",
        mixinStandardHelpOptions = true,
        header = "Compare two topics or folders of scored records, record by record.",
        description = {
            "Joins both sides by source topic, partition and offset and reports records on one"
                    + " side alone, equal bits, the largest and the mean difference of every score,"
                    + " decisions that flip at a threshold, and how the distribution has shifted."
                    + " Only committed records that are there now are read, and there may be more"
                    + " of them than fit into memory.",
            ""
        },
        footer = {
            "",
            "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 more differences than allowed."
        },
        sortOptions = false)
final class DiffCommand implements Callable<Integer> {
    private static final int TOO_MANY = 3;
    private static final Pattern ELEMENT = Pattern.compile("(.+)\\[(\\d{1,6})]");

    @Option(
            names = "--left",
            required = true,
            paramLabel = "TOPIC|PATH",
            description =
                    "The one side: a topic, or a file or folder of 'millrace replay --output-dir'"
                            + " where there is one of this name.")
    private String left;

    @Option(
            names = "--right",
            required = true,
            paramLabel = "TOPIC|PATH",
            description = "The other side.")
    private String right;

    @Mixin private KafkaConnection kafka;

    @Option(
            names = "--from",
            paramLabel = "TIME",
            converter = ReplayOptions.InstantConverter.class,
            description =
                    "Leave out scored records, on both sides, whose source record has a timestamp"
                            + " before this, for example 2026-01-31T00:00Z. Default: none")
    private Instant from;

    @Option(
            names = "--to",
            paramLabel = "TIME",
            converter = ReplayOptions.InstantConverter.class,
            description = "Leave out those with this timestamp or a later one. Default: none")
    private Instant to;

    @Option(
            names = "--score",
            paramLabel = "NAME",
            description =
                    "The score that decisions hang on, NAME[INDEX] for an element of a vector."
                            + " Default: the first that is a real number")
    private String score;

    @Option(
            names = "--threshold",
            paramLabel = "X",
            defaultValue = "0.5",
            description = "At and above it a decision is positive. Default: ${DEFAULT-VALUE}")
    private double threshold;

    @Option(
            names = "--by",
            paramLabel = "FIELD",
            description =
                    "Break the figures down by topic, partition, model, precision or the value of a"
                            + " score of the left side.")
    private String by;

    @Option(
            names = "--max-differences",
            paramLabel = "N",
            description =
                    "Exit with 3 if more records differ in bits, are on one side alone or contradict"
                            + " another of their own side, with 1 if a side has no scored record."
                            + " Default: no limit")
    private Long maxDifferences;

    @Option(
            names = "--report",
            paramLabel = "FILE",
            description = "Also write one HTML page with plots; it needs no network.")
    private Path page;

    @Option(
            names = "--output",
            paramLabel = "FORMAT",
            defaultValue = "TEXT",
            description = "text or json. Default: text")
    private OutputFormat output;

    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        ComparisonOptions options = options();
        requirePlaceForPage();
        Map<String, String> properties = kafka.clientProperties(kafka.pipeline());
        for (String side : List.of(left, right)) {
            ScoredInput.requirePossible(side, kafka.namesBrokers());
        }
        ScoredInput leftInput = ScoredInput.of(left, properties);
        ScoredInput rightInput = ScoredInput.of(right, properties);
        Report report;
        try (Comparison comparison = new Comparison(left, right, options)) {
            leftInput.readAll(comparison::addLeft);
            rightInput.readAll(comparison::addRight);
            report = comparison.report();
        } catch (IllegalArgumentException e) {
            throw new CommandFailedException(e.getMessage(), e);
        }
        if (by != null) {
            new Breakdown(by).check(report);
        }
        print(report);
        requireScored("left", report.left());
        requireScored("right", report.right());
        boolean tooMany = maxDifferences != null && report.differences() > maxDifferences;
        if (tooMany) {
            PrintWriter err = spec.commandLine().getErr();
            err.printf(
                    "%,d differences are more than --max-differences %,d%n",
                    report.differences(), maxDifferences);
            err.flush();
        }
        return tooMany ? TOO_MANY : 0;
    }

    /** Without a scored record there is nothing to differ: no limit is kept by that. */
    private void requireScored(String side, Report.SideCounts counts)
            throws CommandFailedException {
        if (counts.scored() > 0) {
            return;
        }
        String message =
                "nothing to compare: of %,d records looked at in '%s', the %s side, none is a scored record"
                        .formatted(counts.read(), counts.name(), side);
        if (counts.outOfRange() > 0) {
            message +=
                    " within --from and --to; %,d are out of that time"
                            .formatted(counts.outOfRange());
        }
        if (maxDifferences != null) {
            throw new CommandFailedException(message);
        }
        PrintWriter err = spec.commandLine().getErr();
        err.println(message);
        err.flush();
    }

    private void print(Report report) throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        out.println(
                switch (output) {
                    case TEXT -> ReportTable.of(report);
                    case JSON -> ReportPage.json(report);
                });
        if (page != null) {
            Files.writeString(page, ReportPage.of(report), StandardCharsets.UTF_8);
            if (output == OutputFormat.TEXT) {
                out.printf("%nReport with plots: %s%n", page.toAbsolutePath());
            }
        }
        out.flush();
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    /** Before anything is read: that may take long. */
    private void requirePlaceForPage() throws CommandFailedException {
        if (page == null) {
            return;
        }
        Path folder = page.toAbsolutePath().getParent();
        if (folder == null || Files.isDirectory(page)) {
            throw new CommandFailedException("--report %s is a folder and no file".formatted(page));
        }
        if (!Files.isDirectory(folder)) {
            throw new CommandFailedException(
                    "--report %s: there is no folder %s".formatted(page, folder));
        }
        if (!Files.isWritable(Files.exists(page) ? page : folder)) {
            throw new CommandFailedException("--report %s may not be written".formatted(page));
        }
    }

    private ComparisonOptions options() {
        if (Double.isNaN(threshold)) {
            throw usage("--threshold is no number");
        }
        if (maxDifferences != null && maxDifferences < 0) {
            throw usage("--max-differences %d is less than 0".formatted(maxDifferences));
        }
        ComparisonOptions options = ComparisonOptions.DEFAULT.withThreshold(threshold);
        if (from != null && to != null && !from.isBefore(to)) {
            throw usage("--from %s is not before --to %s".formatted(from, to));
        }
        options =
                options.withTimes(
                        from == null ? Long.MIN_VALUE : from.toEpochMilli(),
                        to == null ? Long.MAX_VALUE : to.toEpochMilli());
        if (score != null) {
            Matcher element = ELEMENT.matcher(score);
            options =
                    element.matches()
                            ? options.withScore(
                                    element.group(1), Integer.parseInt(element.group(2)))
                            : options.withScore(score, 0);
        }
        return by == null ? options : options.withGroup(new Breakdown(by).values());
    }
}
