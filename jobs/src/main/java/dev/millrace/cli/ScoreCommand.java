package dev.millrace.cli;

import dev.millrace.job.PreparedPipeline;
import dev.millrace.job.ScoringJob;
import dev.millrace.job.config.Delivery;
import dev.millrace.job.config.Durations;
import dev.millrace.local.LocalLogging;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs a pipeline on Flink's local cluster in this process. */
@Command(
        name = "score",
        mixinStandardHelpOptions = true,
        header = "Run a pipeline on this machine until Ctrl-C.",
        description = {
            "Reads the pipeline's source topics from any Kafka, scores every record and writes"
                    + " scored records and dead letters back. Progress is kept in checkpoints:"
                    + " started again, also after a crash, the pipeline goes on where its last"
                    + " complete checkpoint left off. Ctrl-C takes a savepoint first.",
            ""
        },
        sortOptions = false)
final class ScoreCommand implements Callable<Integer> {
    private static final String NONE = "none";
    private static final String LATEST = "latest";
    private static final String BOUNDED = ".until-end";

    @Parameters(paramLabel = "PIPELINE", description = "The pipeline's YAML file.")
    private Path file;

    @Option(
            names = "--checkpoint-dir",
            paramLabel = "DIR",
            defaultValue = ".millrace/checkpoints",
            description = "Where checkpoints are kept. Default: ${DEFAULT-VALUE}")
    private Path checkpointDirectory;

    @Option(
            names = "--from-checkpoint",
            paramLabel = "PATH",
            defaultValue = LATEST,
            description =
                    "A checkpoint or savepoint to resume from, 'latest' for the newest of this"
                            + " pipeline in the checkpoint directory, or 'none' to start where"
                            + " 'source.start' says. Default: ${DEFAULT-VALUE}")
    private String fromCheckpoint;

    @Option(
            names = "--until-end",
            description =
                    "Stop at the records that are there when the job starts. Such a run begins where"
                            + " 'source.start' says, and no other run resumes from it.")
    private boolean untilEnd;

    @Mixin private MetricsPort metrics;

    @Option(
            names = "--log",
            paramLabel = "FILE",
            description =
                    "Write the log to a file: what happens, and once a minute how it is going."
                            + " Without it, warnings go to standard error.")
    private Path log;

    @Option(
            names = "--log-format",
            paramLabel = "FORMAT",
            defaultValue = "text",
            description =
                    "Of the file: 'text', or 'json' for one object a line. Default:"
                            + " ${DEFAULT-VALUE}")
    private LogFormat logFormat;

    private enum LogFormat {
        TEXT,
        JSON
    }

    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        PrintWriter out = spec.commandLine().getOut();
        metrics.check();
        startLog();
        StopSignal stop = StopSignal.install();
        PreparedPipeline pipeline = ScoringJob.prepareHere(file);
        Checkpoints checkpoints = new Checkpoints(checkpointDirectory, pipeline.config().name());
        Optional<Path> resume = resumeFrom(checkpoints, pipeline, out);
        Path folder = untilEnd ? boundedFolder(pipeline) : checkpoints.folder();
        Files.createDirectories(folder);
        try (ScoringRun run =
                ScoringRun.start(pipeline, folder, resume, untilEnd, metrics.settings())) {
            out.printf(
                    "Scoring %s to %s with %s; Ctrl-C stops%nWeb UI %s%n",
                    String.join(", ", pipeline.config().source().topics()),
                    pipeline.config().sink().topic(),
                    pipeline.artifact().version(),
                    run.webAddress());
            out.flush();
            ScoringRun.End end = run.await(stop.received(), spec.commandLine().getErr());
            switch (end) {
                case STOPPED -> out.println("Stopped with a savepoint; start again to go on");
                case ABANDONED ->
                        out.println(
                                "Stopped without a savepoint, because the job was not running;"
                                        + " start again to go on from its last checkpoint");
                case FINISHED -> out.println("Done: all records that were there are scored");
            }
            out.flush();
            return 0;
        }
    }

    private void startLog() {
        if (log == null) {
            if (logFormat != LogFormat.TEXT) {
                throw new ParameterException(
                        spec.commandLine(), "--log-format is about the file of --log; name one");
            }
            return;
        }
        switch (logFormat) {
            case TEXT -> LocalLogging.toFile(log);
            case JSON -> LocalLogging.toJsonFile(log);
        }
    }

    /**
     * Away from the pipeline's other checkpoints: those of a bounded source remember where it ends,
     * so that a job resumed from one would never read further.
     */
    private Path boundedFolder(PreparedPipeline pipeline) {
        return new Checkpoints(checkpointDirectory.resolve(BOUNDED), pipeline.config().name())
                .folder();
    }

    private Optional<Path> resumeFrom(
            Checkpoints checkpoints, PreparedPipeline pipeline, PrintWriter out)
            throws IOException, CommandFailedException {
        if (fromCheckpoint.equals(NONE)) {
            return Optional.empty();
        }
        if (!fromCheckpoint.equals(LATEST)) {
            if (untilEnd) {
                throw new CommandFailedException(
                        "--until-end cannot resume from a checkpoint; leave one of the two out");
            }
            Path path = Path.of(fromCheckpoint).toAbsolutePath();
            if (!Files.exists(path.resolve("_metadata"))) {
                throw new CommandFailedException(
                        "%s is not a complete checkpoint: it has no file _metadata. Give the folder"
                                        .formatted(path)
                                + " that has, 'latest' or 'none'");
            }
            return Optional.of(path);
        }
        Optional<Checkpoints.Checkpoint> latest = checkpoints.latest();
        if (latest.isPresent() && untilEnd) {
            // FLINK-31006: a bounded source that was restored never ends.
            throw new CommandFailedException(
                    "--until-end cannot resume from %s; add --from-checkpoint none to start where"
                                    .formatted(latest.get().path())
                            + " 'source.start' says");
        }
        if (latest.isPresent()) {
            out.printf(
                    "Resuming from %s of %s%n",
                    latest.get().path(), latest.get().taken().truncatedTo(ChronoUnit.SECONDS));
            warnOfLapsedTransactions(pipeline, latest.get());
        }
        return latest.map(Checkpoints.Checkpoint::path);
    }

    /** A transaction that timed out before it was committed is gone, and nobody else says so. */
    private void warnOfLapsedTransactions(
            PreparedPipeline pipeline, Checkpoints.Checkpoint checkpoint) {
        Duration age = Duration.between(checkpoint.taken(), Instant.now());
        Duration timeout = pipeline.config().sink().transactionTimeout();
        if (pipeline.config().sink().delivery() == Delivery.EXACTLY_ONCE
                && age.compareTo(timeout) > 0) {
            PrintWriter err = spec.commandLine().getErr();
            err.printf(
                    "Warning: this checkpoint is older than 'sink.transaction-timeout' (%s)."
                            + " If the process was killed before it had committed the checkpoint's"
                            + " transactions, the broker has dropped them: compare the sink topic"
                            + " with the source, or start with --from-checkpoint none and an"
                            + " earlier 'source.start'.%n",
                    Durations.format(timeout));
            err.flush();
        }
    }
}
