package dev.millrace.cli;

import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.local.demo.Appearance;
import dev.millrace.local.demo.Demo;
import dev.millrace.local.demo.DemoException;
import dev.millrace.local.demo.DemoOptions;
import dev.millrace.local.demo.DemoSummary;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Shows everything at work on one machine, and proves at the end that nothing was lost. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        header = "Run everything on this machine: broker, Flink, card transactions, scoring.",
        description = {
            "Starts a Kafka broker and Flink with its Web UI in this process, submits card"
                    + " transactions to a topic, scores them with a fraud model, exactly once, and"
                    + " shows live what happens. Ends with Ctrl-C or after --records; then reads"
                    + " all topics again and accounts for every record. Needs no network, no GPU"
                    + " and no root.",
            "",
            "Kill it (kill -9) whenever you like and start it again with --resume: it goes on"
                    + " where it was, without a record lost or doubled.",
            ""
        },
        sortOptions = false)
final class DemoCommand implements Callable<Integer> {
    private static final long BYTES_PER_GB = 1L << 30;
    private static final int MOST_TASKS = 4;
    private static final long DEFAULT_SEED = 7;

    @Option(
            names = "--records",
            paramLabel = "N",
            description = "Stop after so many transactions. Default: go on until Ctrl-C")
    private Long records;

    @Option(
            names = "--rate",
            paramLabel = "N/s",
            converter = Numbers.Rate.class,
            description =
                    "Submit at most so many transactions per second. Default: with --records as"
                            + " many as are scored, without it "
                            + DemoOptions.RATE_TO_LOOK_AT)
    private Long rate;

    @Option(
            names = "--poison",
            paramLabel = "P%",
            converter = Numbers.Share.class,
            description = "Share of undecodable records, for example 1%% or 0.01. Default: 0")
    private Double poison;

    @Option(
            names = "--engine",
            paramLabel = "NAME",
            defaultValue = EngineOptions.AUTO,
            description = "auto, cuda, cpu or onnxruntime. Default: ${DEFAULT-VALUE}")
    private String engine;

    @Option(
            names = "--parallelism",
            paramLabel = "N",
            description = "Tasks of the job. Default: half the processors, at most " + MOST_TASKS)
    private Integer parallelism;

    @Option(
            names = "--checkpoint-interval",
            paramLabel = "MS",
            defaultValue = "1000",
            description = "Milliseconds between two commits of results. Default: ${DEFAULT-VALUE}")
    private long checkpointIntervalMs;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "The same seed makes the same transactions. Default: " + DEFAULT_SEED)
    private Long seed;

    @Option(
            names = "--state-dir",
            paramLabel = "DIR",
            defaultValue = ".millrace/demo",
            description =
                    "Where topics, checkpoints, pipeline and log are kept. Default:"
                            + " ${DEFAULT-VALUE}")
    private Path stateDirectory;

    @Option(
            names = "--resume",
            description =
                    "Go on with the demo in the state directory; --records and --rate may change."
                            + " Without it the directory is emptied first.")
    private boolean resume;

    @Option(
            names = "--max-disk",
            paramLabel = "GB",
            defaultValue = "20",
            description = "Stop when the state directory has this size. Default: ${DEFAULT-VALUE}")
    private double maxDiskGb;

    @Option(
            names = "--output",
            paramLabel = "FORMAT",
            defaultValue = "TEXT",
            description =
                    "text, or json for a single line at the end and nothing else. Default: text")
    private OutputFormat output;

    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws CommandFailedException {
        DemoOptions options = options();
        StopSignal stop = StopSignal.install();
        PrintStream terminal = System.out;
        try {
            DemoSummary summary = Demo.run(options, stop.received(), appearance(), terminal);
            switch (output) {
                case TEXT -> terminal.println(summary.speed() + "\n" + summary.sentence());
                case JSON -> terminal.println(summary.json());
            }
            terminal.flush();
            if (!summary.holds()) {
                throw new CommandFailedException(
                        "the account does not balance: " + summary.sentence());
            }
            return 0;
        } catch (DemoException e) {
            throw new CommandFailedException(e.getMessage(), e);
        }
    }

    private DemoOptions options() {
        check(records == null || records > 0, "--records must be at least 1: " + records);
        check(rate == null || rate > 0, "--rate must be at least 1: " + rate);
        check(
                !resume || (poison == null && seed == null),
                "--resume goes on with the same records: leave out --poison and --seed");
        check(
                parallelism == null || parallelism >= 1,
                "--parallelism must be at least 1: " + parallelism);
        check(
                checkpointIntervalMs >= 10,
                "--checkpoint-interval must be at least 10 ms: " + checkpointIntervalMs);
        check(maxDiskGb > 0, "--max-disk must be more than 0: " + maxDiskGb);
        int processors = Runtime.getRuntime().availableProcessors();
        int tasks =
                parallelism != null
                        ? parallelism
                        : Math.max(1, Math.min(MOST_TASKS, processors / 2));
        return new DemoOptions(
                stateDirectory,
                resume,
                records == null ? OptionalLong.empty() : OptionalLong.of(records),
                rate == null ? OptionalLong.empty() : OptionalLong.of(rate),
                poison == null ? 0 : poison,
                seed == null ? DEFAULT_SEED : seed,
                engine,
                tasks,
                Duration.ofMillis(checkpointIntervalMs),
                (long) (maxDiskGb * BYTES_PER_GB));
    }

    private Appearance appearance() {
        if (output == OutputFormat.JSON) {
            return Appearance.SILENT;
        }
        // The launcher knows whether standard output is a terminal; Java has no way to ask that.
        boolean page = Boolean.getBoolean("millrace.page");
        return page ? Appearance.PAGE : Appearance.LINES;
    }

    private void check(boolean right, String message) {
        if (!right) {
            throw new ParameterException(spec.commandLine(), message);
        }
    }
}
