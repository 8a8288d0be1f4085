package dev.millrace.cli;

import dev.millrace.job.config.PipelineConfig;
import dev.millrace.job.kafka.BrokerUnavailableException;
import dev.millrace.job.kafka.TargetTopics;
import dev.millrace.job.release.ControlTopic;
import dev.millrace.job.release.ReleaseTopic;
import dev.millrace.schema.ModelRelease;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Publishes a release and says what became of it. */
final class ReleasePublishing {
    private ReleasePublishing() {}

    static PipelineConfig.Releases releases(PipelineConfig config) throws CommandFailedException {
        return config.releases()
                .orElseThrow(
                        () ->
                                new CommandFailedException(
                                        "the pipeline has no control topic; add 'releases.topic' to "
                                                + config.file()));
    }

    static ControlTopic open(PipelineConfig config) throws CommandFailedException {
        PipelineConfig.Releases releases = releases(config);
        try {
            TargetTopics.prepareReleases(config);
        } catch (BrokerUnavailableException e) {
            throw KafkaConnection.unavailable(config.adminProperties(), e);
        } catch (IllegalArgumentException e) {
            throw new CommandFailedException(e.getMessage(), e);
        }
        return new ControlTopic(releases.topic(), config.adminProperties());
    }

    /** A minute from now, on the second: the records before it will have been scored by then. */
    static Instant soon() {
        return Instant.now().plusSeconds(60).truncatedTo(ChronoUnit.SECONDS);
    }

    /** A time that a user gave. */
    static Instant activeFrom(CommandSpec spec, String text) {
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeParseException e) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--active-from '%s' is no time such as 2026-02-01T00:00Z".formatted(text));
        }
    }

    static void publish(
            ControlTopic topic, ModelRelease release, Duration patience, PrintWriter out)
            throws CommandFailedException {
        String id = ReleaseTopic.id(release);
        if (topic.decision(id).isPresent()) {
            throw new CommandFailedException(
                    "this release was %s before; give another --active-from"
                            .formatted(
                                    topic.decision(id).get().accepted() ? "accepted" : "refused"));
        }
        topic.publish(release);
        out.printf(
                "Published %s:%s, %s from %s%n",
                release.model().name(),
                release.model().version(),
                release.role().name().toLowerCase(Locale.ROOT),
                release.activeFrom());
        out.flush();
        Optional<ReleaseTopic.Decision> decision = topic.await(release, patience);
        if (decision.isEmpty()) {
            out.println(
                    "No job has decided on it yet; it stays pending, 'millrace model releases' shows"
                            + " what becomes of it");
            return;
        }
        if (decision.get().accepted()) {
            out.println("Accepted by the job");
            return;
        }
        throw new CommandFailedException(
                "the job has refused it: %s%s"
                        .formatted(decision.get().reason(), advice(decision.get())));
    }

    private static String advice(ReleaseTopic.Decision decision) {
        if (decision.earliestMs() == 0) {
            return "";
        }
        Instant earliest = Instant.ofEpochMilli(decision.earliestMs());
        return ". The earliest time it could have taken is %s; records go on arriving, so try --active-from %s"
                .formatted(earliest, proposal(earliest, soon()));
    }

    /** Also a minute beyond the earliest, for records may be ahead of this machine's clock. */
    static Instant proposal(Instant earliest, Instant soon) {
        Instant beyond = earliest.plusSeconds(60).truncatedTo(ChronoUnit.SECONDS);
        return beyond.isAfter(soon) ? beyond : soon;
    }
}
