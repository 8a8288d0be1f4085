package dev.millrace.cli;

import dev.millrace.compare.Report;
import dev.millrace.schema.Score;
import dev.millrace.schema.ScoredRecord;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What {@code --by} names: a field of scored records, or one of their scores. */
final class Breakdown {
    private static final String NONE = "(none)";
    private static final List<String> FIELDS = List.of("topic", "partition", "model", "precision");

    private final String field;

    Breakdown(String field) {
        this.field = field;
    }

    /** The value of a record. */
    Function<ScoredRecord, String> values() {
        return switch (field) {
            case "topic" -> record -> record.source().topic();
            case "partition" -> record -> String.valueOf(record.source().partition());
            case "model" -> record -> record.model().name() + ":" + record.model().version();
            case "precision" -> ScoredRecord::precision;
            default ->
                    record -> {
                        Score value = record.scores().get(field);
                        return value == null ? NONE : value.toString();
                    };
        };
    }

    /** Refuses a name that no record has: only records say which scores there are. */
    void check(Report report) throws CommandFailedException {
        if (FIELDS.contains(field) || report.groups().isEmpty()) {
            return;
        }
        Set<String> values =
                report.groups().stream().map(Report.Group::value).collect(Collectors.toSet());
        boolean compared =
                report.scores().stream()
                        .anyMatch(score -> score.name().equals(field) && score.compared() > 0);
        if (values.equals(Set.of(NONE)) && !compared) {
            throw new CommandFailedException(
                    "no record of the left side has '%s', which --by names; there are %s and the scores %s"
                            .formatted(
                                    field,
                                    String.join(", ", FIELDS),
                                    report.scores().stream()
                                            .map(Report.ScoreDifference::name)
                                            .collect(Collectors.toCollection(TreeSet::new))));
        }
    }
}
