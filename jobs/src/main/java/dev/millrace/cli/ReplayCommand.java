package dev.millrace.cli;

import static java.util.Locale.ROOT;

import dev.millrace.job.PipelineRefusedException;
import dev.millrace.job.config.ConfigException;
import dev.millrace.job.files.FileNames;
import dev.millrace.job.replay.Replay;
import dev.millrace.job.replay.ReplayOptions;
import dev.millrace.job.replay.WrongUsageException;
import dev.millrace.local.LocalMetrics;
import dev.millrace.operator.inference.InferenceMetrics;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.apache.kafka.common.TopicPartition;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Scores history again on Flink's local cluster in this process. */
@Command(
        name = "replay",
        mixinStandardHelpOptions = true,
        header = "Score history again: a range of topics, dead letters or files.",
        description = {
            "Scores what lies between two times or offsets of the pipeline's source topics, dead"
                    + " letters after a fix, or archived files, into a topic or a folder of its"
                    + " own, and ends. Scored records carry the positions and timestamps of their"
                    + " source, so 'millrace diff' joins them with those of the live job. Ctrl-C"
                    + " stops it; the same command goes on where it stopped. On a cluster: flink"
                    + " run -c dev.millrace.job.replay.ReplayJob millrace-jobs.jar, with the same"
                    + " options.",
            ""
        },
        sortOptions = false)
final class ReplayCommand implements Callable<Integer> {
    private static final String LATEST = "latest";
    private static final String NONE = "none";
    private static final String FROM_CHECKPOINT = "--from-checkpoint";
    private static final String CHECKPOINT_DIRECTORY = "--checkpoint-dir";
    private static final Set<String> ABOUT_CHECKPOINTS =
            Set.of(FROM_CHECKPOINT, CHECKPOINT_DIRECTORY);
    private static final Set<String> NAMES_FILES = Set.of("--input", "--output-dir");
    private static final String ASKED = "replay.txt";

    @Mixin private ReplayOptions options;

    @Option(
            names = CHECKPOINT_DIRECTORY,
            paramLabel = "DIR",
            defaultValue = ".millrace/checkpoints",
            description = "Where checkpoints are kept. Default: ${DEFAULT-VALUE}")
    private Path checkpointDirectory;

    @Option(
            names = FROM_CHECKPOINT,
            paramLabel = "latest|none",
            defaultValue = LATEST,
            description =
                    "Whether to go on where this replay was stopped before it was done. Default:"
                            + " ${DEFAULT-VALUE}")
    private String fromCheckpoint;

    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        checkOptions();
        StopSignal stop = StopSignal.install();
        Replay replay = prepare();
        replay.pipeline().requireThisMachine();
        long size = replay.size();
        if (size == 0) {
            out.println("Nothing to replay: there are no records in " + replay.input());
            return 0;
        }
        Checkpoints checkpoints = new Checkpoints(checkpointDirectory, replay.id());
        Optional<Path> resume = resumeFrom(checkpoints, out);
        LocalMetrics metrics = new LocalMetrics(InferenceMetrics.GROUP);
        out.printf(
                "Replaying %s%n  with %s%n  to %s; Ctrl-C stops%n",
                replay.input(), replay.scoredBy(), replay.output());
        out.flush();
        try (ScoringRun run =
                        ScoringRun.start(
                                replay::build,
                                replay.pipeline().config().parallelism().orElse(1),
                                checkpoints.folder(),
                                resume,
                                metrics.settings());
                ReplayProgress progress =
                        new ReplayProgress(metrics, size, resume.isPresent(), err)) {
            ScoringRun.End end = run.await(stop.received(), err, progress::show);
            progress.finish();
            if (end != ScoringRun.End.FINISHED) {
                out.println(
                        checkpoints.latest().isPresent()
                                ? "Stopped; the same command goes on from here"
                                : "Stopped before its first checkpoint; the same command begins"
                                        + " anew");
            } else {
                out.printf(
                        "Done: %,d records, %,d scored%s%n",
                        progress.read(),
                        progress.scored(),
                        resume.isPresent() ? " since it went on" : "");
                delete(checkpoints.folder());
            }
            out.flush();
            return 0;
        }
    }

    /** Before there is anything that would have to be undone. */
    private void checkOptions() {
        if (!fromCheckpoint.equals(LATEST) && !fromCheckpoint.equals(NONE)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "%s is %s or %s, not '%s'"
                            .formatted(FROM_CHECKPOINT, LATEST, NONE, fromCheckpoint));
        }
        try {
            options.check();
        } catch (WrongUsageException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    private Replay prepare() throws ConfigException, PipelineRefusedException, IOException {
        try {
            return Replay.prepare(options);
        } catch (WrongUsageException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    /** The replay's own checkpoint, if it is of this replay and not of another with its output. */
    private Optional<Path> resumeFrom(Checkpoints checkpoints, PrintWriter out)
            throws IOException, CommandFailedException {
        Path folder = checkpoints.folder();
        Path asked = folder.resolve(ASKED);
        String now = asked(spec);
        if (fromCheckpoint.equals(NONE)) {
            delete(folder);
        }
        Optional<Path> latest = checkpoints.latest().map(Checkpoints.Checkpoint::path);
        if (latest.isPresent()) {
            String before = Files.readString(asked, StandardCharsets.UTF_8);
            if (!before.equals(now)) {
                throw new CommandFailedException(
                        "another replay into the same output was stopped before it was done:%n  %s%nRun it with the same options to go on, or add --from-checkpoint none to begin anew"
                                .formatted(before));
            }
            out.println("Going on from " + latest.get());
        }
        Files.createDirectories(folder);
        Files.writeString(asked, now, StandardCharsets.UTF_8);
        return latest;
    }

    /**
     * The replay as a command line: every option that was given or has a default, always in the
     * same order and form, but for those that say where and whether it goes on.
     */
    static String asked(CommandSpec spec) {
        StringBuilder asked = new StringBuilder(spec.name());
        for (PositionalParamSpec parameter : spec.positionalParameters()) {
            for (String value : values(parameter.getValue())) {
                asked.append(value);
            }
        }
        for (OptionSpec option : spec.options()) {
            if (!option.inherited()
                    && !option.usageHelp()
                    && !option.versionHelp()
                    && !ABOUT_CHECKPOINTS.contains(option.longestName())) {
                for (String value : values(canonical(option))) {
                    asked.append(' ').append(option.longestName()).append(value);
                }
            }
        }
        return asked.toString();
    }

    /**
     * Names of files as {@link FileNames#canonical} has them, in whatever folder they are typed.
     */
    private static Object canonical(OptionSpec option) {
        Object value = option.getValue();
        if (value == null || !NAMES_FILES.contains(option.longestName())) {
            return value;
        }
        return value instanceof List<?> list
                ? list.stream().map(one -> FileNames.canonical(one.toString())).toList()
                : FileNames.canonical(value.toString());
    }

    /** What follows the name of an option, once for each time that it is given. */
    private static List<String> values(Object value) {
        if (value == null || value.equals(false)) {
            return List.of();
        }
        if (value.equals(true)) {
            return List.of("");
        }
        if (value instanceof List<?> list) {
            return list.stream().map(one -> " " + one).toList();
        }
        if (value instanceof Path path) {
            return List.of(" " + FileNames.canonical(path.toString()));
        }
        if (value instanceof Map<?, ?> map) {
            return map.entrySet().stream()
                    .map(
                            entry -> {
                                TopicPartition partition = (TopicPartition) entry.getKey();
                                return " %s:%d=%s"
                                        .formatted(
                                                partition.topic(),
                                                partition.partition(),
                                                entry.getValue());
                            })
                    .sorted()
                    .toList();
        }
        return List.of(" " + (value instanceof Enum<?> e ? e.name().toLowerCase(ROOT) : value));
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        List<Path> paths;
        try (Stream<Path> files = Files.walk(folder)) {
            paths = files.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : paths) {
            Files.deleteIfExists(path);
        }
    }
}
