package dev.millrace.cli;

import dev.millrace.job.config.PipelineConfig;
import dev.millrace.job.config.PipelineReader;
import dev.millrace.job.release.ControlTopic;
import dev.millrace.job.release.ReleaseCounts;
import dev.millrace.job.release.ReleaseHistory;
import dev.millrace.job.release.ReleaseLog;
import dev.millrace.job.release.ReleaseTopic;
import dev.millrace.schema.ModelRelease;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Lists what was released to a pipeline. */
@Command(
        name = "releases",
        mixinStandardHelpOptions = true,
        header = "List what served when, and what became of every release.",
        sortOptions = false)
final class ModelReleasesCommand implements Callable<Integer> {
    @Option(
            names = {"-p", "--pipeline"},
            required = true,
            paramLabel = "PIPELINE",
            description = "The pipeline's YAML file.")
    private Path pipeline;

    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        PipelineConfig config = PipelineReader.read(pipeline);
        PrintWriter out = spec.commandLine().getOut();
        try (ControlTopic topic = ReleasePublishing.open(config)) {
            releases(topic.log(), out);
            history(topic.log().history(), config, out);
            if (topic.log().unreadable() > 0) {
                out.printf(
                        "%n%d records of the topic are neither release nor vote nor decision and say nothing%n",
                        topic.log().unreadable());
            }
        }
        out.flush();
        return 0;
    }

    private static void releases(ReleaseLog log, PrintWriter out) {
        List<ReleaseLog.Item> items = log.items();
        if (items.isEmpty()) {
            out.println("Nothing was released yet");
            return;
        }
        out.printf(
                "%-24s %-12s %-8s %-26s %s%n", "version", "role", "share", "active from", "status");
        items.stream()
                .sorted(
                        Comparator.comparing(
                                item ->
                                        item.release()
                                                .map(ModelRelease::activeFrom)
                                                .orElse(Instant.EPOCH)))
                .forEach(item -> out.println(line(item)));
        ReleaseCounts counts = log.counts();
        out.printf(
                "%d accepted, %d refused, %d pending%n",
                counts.accepted(), counts.refused(), counts.pending());
    }

    private static String line(ReleaseLog.Item item) {
        String status = item.decision().map(ModelReleasesCommand::status).orElse("pending");
        if (item.release().isEmpty()) {
            return "%-73s %s".formatted(item.id(), status);
        }
        ModelRelease release = item.release().get();
        return "%-24s %-12s %-8s %-26s %s"
                .formatted(
                        version(release),
                        release.role().name().toLowerCase(Locale.ROOT),
                        percent(release),
                        release.activeFrom(),
                        status);
    }

    private static String status(ReleaseTopic.Decision decision) {
        if (decision.accepted()) {
            return "accepted";
        }
        return "refused: %s%s"
                .formatted(
                        decision.reason(),
                        decision.earliestMs() == 0
                                ? ""
                                : "; earliest " + Instant.ofEpochMilli(decision.earliestMs()));
    }

    private static String version(ModelRelease release) {
        return release.model().name() + ":" + release.model().version();
    }

    private static String percent(ModelRelease release) {
        return "%.4g%%".formatted(100 * release.share());
    }

    private static void history(ReleaseHistory history, PipelineConfig config, PrintWriter out) {
        out.printf("%nWhat serves by a record's timestamp%n");
        out.printf("%-26s %-24s %-30s %s%n", "from", "champion", "challenger", "shadow");
        for (ReleaseHistory.Span span : history.spans()) {
            out.printf(
                    "%-26s %-24s %-30s %s%n",
                    span.fromMs() == Long.MIN_VALUE
                            ? "the beginning"
                            : Instant.ofEpochMilli(span.fromMs()).toString(),
                    span.champion()
                            .map(ModelReleasesCommand::version)
                            .orElse("(%s)".formatted(config.model().name())),
                    challenger(span.challenger()),
                    span.shadow().map(ModelReleasesCommand::version).orElse("-"));
        }
    }

    private static String challenger(Optional<ModelRelease> challenger) {
        return challenger.map(r -> version(r) + " for " + percent(r) + " of keys").orElse("-");
    }
}
