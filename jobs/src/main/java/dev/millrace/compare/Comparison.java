package dev.millrace.compare;

import dev.millrace.schema.Score;
import dev.millrace.schema.ScoredRecord;
import dev.millrace.schema.SourcePosition;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * A comparison in the making: fill both sides, then ask for the report, once.
 *
 * @see Report
 */
public final class Comparison implements AutoCloseable {
    private static final int MOST_EXAMPLES = 20;
    private static final int MOST_GROUPS = 1000;
    private static final String MORE_GROUPS = "(others)";

    private final ComparisonOptions options;
    private final Side left;
    private final Side right;

    private final Map<String, ScoreTally> scores = new LinkedHashMap<>();
    private final Map<String, GroupTally> models = new TreeMap<>();
    private final Map<String, GroupTally> groups = new TreeMap<>();
    private final Alone leftAlone = new Alone();
    private final Alone rightAlone = new Alone();
    private long joined;
    private long equal;

    private final SortedNumbers leftNumbers;
    private final SortedNumbers rightNumbers;
    private final SortedNumbers differences;
    private final TimeCounts time = new TimeCounts();
    private final List<Report.Flip> flips = new ArrayList<>();
    private String decisionScore = "";
    private int decisionElement;
    private long positiveLeft;
    private long positiveRight;
    private long toPositive;
    private long toNegative;

    public Comparison(String left, String right, ComparisonOptions options) {
        this.options = options;
        this.left = new Side(left, options);
        this.right = new Side(right, options);
        this.leftNumbers = new SortedNumbers(options.memoryBytes() / 4);
        this.rightNumbers = new SortedNumbers(options.memoryBytes() / 4);
        this.differences = new SortedNumbers(options.memoryBytes() / 4);
    }

    private static final class Alone {
        private final List<String> examples = new ArrayList<>();
        private long count;

        void add(ScoredRecord record) {
            count++;
            if (examples.size() < MOST_EXAMPLES) {
                examples.add(text(record.source()));
            }
        }
    }

    private static final class GroupTally {
        private long joined;
        private long different;
        private long flipped;
        private double largest;
    }

    /** Takes a value of the left side. */
    public void addLeft(byte[] value, String exactness) throws IOException {
        left.add(value, exactness);
    }

    /** Takes a value of the right side. */
    public void addRight(byte[] value, String exactness) throws IOException {
        right.add(value, exactness);
    }

    /**
     * Joins both sides.
     *
     * @throws IllegalArgumentException if no joined record has the score that was asked for
     */
    public Report report() throws IOException {
        try (Side.Positions leftPositions = left.positions();
                Side.Positions rightPositions = right.positions()) {
            join(leftPositions, rightPositions);
            if (joined > 0 && !options.score().isEmpty() && decisionScore.isEmpty()) {
                throw new IllegalArgumentException(
                        "no record has a number called '%s'; there are %s"
                                .formatted(options.score(), scores.keySet()));
            }
            return new Report(
                    counts(left, leftPositions, leftAlone),
                    counts(right, rightPositions, rightAlone),
                    joined,
                    equal,
                    joined - equal,
                    scores.values().stream().map(ScoreTally::result).toList(),
                    decision(),
                    groups(models),
                    groups(groups));
        }
    }

    private static Report.SideCounts counts(Side side, Side.Positions positions, Alone alone) {
        return new Report.SideCounts(
                side.name(),
                side.read(),
                side.others(),
                side.outOfRange(),
                positions.duplicates(),
                positions.conflicts(),
                alone.count,
                alone.examples,
                side.exactness());
    }

    private void join(Side.Positions a, Side.Positions b) throws IOException {
        boolean hasLeft = a.advance();
        boolean hasRight = b.advance();
        while (hasLeft || hasRight) {
            int order = !hasLeft ? 1 : !hasRight ? -1 : Side.compare(a.key(), b.key());
            if (order < 0) {
                leftAlone.add(a.record());
                hasLeft = a.advance();
            } else if (order > 0) {
                rightAlone.add(b.record());
                hasRight = b.advance();
            } else {
                pair(a.record(), b.record());
                hasLeft = a.advance();
                hasRight = b.advance();
            }
        }
    }

    private void pair(ScoredRecord a, ScoredRecord b) throws IOException {
        joined++;
        String position = text(a.source());
        boolean same = a.scores().equals(b.scores());
        equal += same ? 1 : 0;
        double largest = 0;
        for (Map.Entry<String, Score> entry : a.scores().entrySet()) {
            ScoreTally tally = scores.computeIfAbsent(entry.getKey(), ScoreTally::new);
            Score other = b.scores().get(entry.getKey());
            if (other == null) {
                tally.missing();
            } else {
                largest = Math.max(largest, tally.add(entry.getValue(), other, position));
            }
        }
        for (String name : b.scores().keySet()) {
            if (!a.scores().containsKey(name)) {
                scores.computeIfAbsent(name, ScoreTally::new).missing();
            }
        }
        boolean flipped = decide(a, b, position);
        time.add(a.source().timestampMs(), flipped);
        group(models, version(a) + " / " + version(b), same, flipped, largest);
        if (options.group().isPresent()) {
            group(groups, options.group().get().apply(a), same, flipped, largest);
        }
    }

    private static String version(ScoredRecord record) {
        return record.model().name() + ":" + record.model().version();
    }

    private static void group(
            Map<String, GroupTally> tallies,
            String value,
            boolean same,
            boolean flipped,
            double largest) {
        boolean full = tallies.size() >= MOST_GROUPS && !tallies.containsKey(value);
        GroupTally tally =
                tallies.computeIfAbsent(full ? MORE_GROUPS : value, v -> new GroupTally());
        tally.joined++;
        tally.different += same ? 0 : 1;
        tally.flipped += flipped ? 1 : 0;
        tally.largest = Math.max(tally.largest, largest);
    }

    private boolean decide(ScoredRecord a, ScoredRecord b, String position) throws IOException {
        if (decisionScore.isEmpty() && !choose(a)) {
            return false;
        }
        Score from = a.scores().get(decisionScore);
        Score to = b.scores().get(decisionScore);
        if (!fits(from) || !fits(to)) {
            return false;
        }
        double before = from.number(decisionElement);
        double after = to.number(decisionElement);
        leftNumbers.add(before);
        rightNumbers.add(after);
        differences.add(before == after ? 0 : after - before);
        boolean wasPositive = before >= options.threshold();
        boolean isPositive = after >= options.threshold();
        positiveLeft += wasPositive ? 1 : 0;
        positiveRight += isPositive ? 1 : 0;
        if (wasPositive == isPositive) {
            return false;
        }
        if (isPositive) {
            toPositive++;
        } else {
            toNegative++;
        }
        if (flips.size() < MOST_EXAMPLES) {
            flips.add(new Report.Flip(position, a.source().timestampMs(), before, after));
        }
        return true;
    }

    private boolean fits(Score score) {
        return score != null && score.numeric() && score.size() > decisionElement;
    }

    /**
     * Finds the score that was asked for, or else the first number that is a probability's type.
     */
    private boolean choose(ScoredRecord record) {
        if (!options.score().isEmpty()) {
            Score score = record.scores().get(options.score());
            if (score == null || !score.numeric() || score.size() <= options.element()) {
                return false;
            }
            decisionScore = options.score();
            decisionElement = options.element();
            return true;
        }
        for (Map.Entry<String, Score> entry : record.scores().entrySet()) {
            Score score = entry.getValue();
            boolean real =
                    score.numeric()
                            && score.type() != dev.millrace.schema.ScoreType.LONG
                            && score.size() > 0;
            if (real) {
                decisionScore = entry.getKey();
                // Of two classes' probabilities the second is that of the event.
                decisionElement = score.size() == 2 ? 1 : 0;
                return true;
            }
        }
        return false;
    }

    private Optional<Report.Decision> decision() throws IOException {
        if (decisionScore.isEmpty()) {
            return Optional.empty();
        }
        double[] a = Distributions.range(leftNumbers);
        double[] b = Distributions.range(rightNumbers);
        double[] d = Distributions.range(differences);
        double from = Math.min(a[0], b[0]);
        double to = Math.max(a[1], b[1]);
        Report.Distribution before = Distributions.of(leftNumbers, from, to);
        Report.Distribution after = Distributions.of(rightNumbers, from, to);
        Distributions.Stability stability =
                Distributions.stability(leftNumbers, before.quantiles(), rightNumbers);
        return Optional.of(
                new Report.Decision(
                        decisionElement == 0
                                ? decisionScore
                                : "%s[%d]".formatted(decisionScore, decisionElement),
                        options.threshold(),
                        positiveLeft,
                        positiveRight,
                        toPositive,
                        toNegative,
                        flips,
                        stability.psi(),
                        stability.bins(),
                        Distributions.kolmogorovSmirnov(leftNumbers, rightNumbers),
                        before,
                        after,
                        Distributions.histogram(differences, d[0], d[1]),
                        time.timeLine()));
    }

    private static List<Report.Group> groups(Map<String, GroupTally> tallies) {
        Function<Report.Group, Long> different = Report.Group::different;
        return tallies.entrySet().stream()
                .map(
                        entry ->
                                new Report.Group(
                                        entry.getKey(),
                                        entry.getValue().joined,
                                        entry.getValue().different,
                                        entry.getValue().flipped,
                                        entry.getValue().largest))
                .sorted(Comparator.comparing(different).reversed())
                .toList();
    }

    static String text(SourcePosition source) {
        return "%s:%d:%d".formatted(source.topic(), source.partition(), source.offset());
    }

    @Override
    public void close() throws IOException {
        left.close();
        right.close();
        leftNumbers.close();
        rightNumbers.close();
        differences.close();
    }
}
