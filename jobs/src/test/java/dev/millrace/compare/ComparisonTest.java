package dev.millrace.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ComparisonTest {
    private static final int SMALL = 4000;

    private static Report compare(List<byte[]> left, List<byte[]> right, ComparisonOptions options)
            throws Exception {
        try (Comparison comparison = new Comparison("live", "replayed", options)) {
            for (byte[] value : left) {
                comparison.addLeft(value, "PORTABLE");
            }
            for (byte[] value : right) {
                comparison.addRight(value, "");
            }
            return comparison.report();
        }
    }

    /** Random sides, larger than the memory they may take, against maps. */
    @Test
    void findsWhatMapsFind() throws Exception {
        long seed = System.nanoTime();
        System.out.println("ComparisonTest seed " + seed);
        Random random = new Random(seed);
        TestingScores champion = new TestingScores("8");
        TestingScores challenger = new TestingScores("9");
        Map<String, Float> before = new HashMap<>();
        Map<String, Float> after = new HashMap<>();
        List<byte[]> left = new ArrayList<>();
        List<byte[]> right = new ArrayList<>();
        for (int i = 0; i < 3000; i++) {
            int partition = random.nextInt(3);
            String position = "transactions:" + partition + ":" + i;
            float score = random.nextFloat();
            float other = random.nextInt(4) == 0 ? random.nextFloat() : score;
            if (random.nextInt(20) != 0) {
                before.put(position, score);
                left.add(champion.record(partition, i, score));
            }
            if (random.nextInt(20) != 0) {
                after.put(position, other);
                right.add(challenger.record(partition, i, other));
                if (random.nextInt(10) == 0) {
                    right.add(challenger.record(partition, i, other));
                }
            }
        }
        Collections.shuffle(left, random);
        Collections.shuffle(right, random);

        Report report =
                compare(
                        left,
                        right,
                        ComparisonOptions.DEFAULT
                                .withMemoryBytes(SMALL)
                                .withThreshold(0.7)
                                .withGroup(r -> String.valueOf(r.source().partition())));

        Expected expected = new Expected(before, after, 0.7);
        Report.Decision decision = report.decision().orElseThrow();
        assertThat(report.joined()).isEqualTo(expected.joined);
        assertThat(report.equal()).isEqualTo(expected.equal);
        assertThat(report.left().alone()).isEqualTo(before.size() - expected.joined);
        assertThat(report.right().alone()).isEqualTo(after.size() - expected.joined);
        assertThat(report.right().duplicates()).isEqualTo(right.size() - after.size());
        assertThat(report.left().exactness()).containsEntry("PORTABLE", (long) left.size());
        assertThat(decision.flipped()).isEqualTo(expected.flips);
        assertThat(report.scores()).hasSize(1);
        assertThat(report.scores().get(0).largest()).isEqualTo(expected.largest);
        assertThat(report.scores().get(0).mean()).isCloseTo(expected.mean, within(1e-12));
        assertThat(decision.ks()).isCloseTo(expected.ks(), within(1e-12));
        assertThat(report.models()).hasSize(1);
        assertThat(report.models().get(0).value()).isEqualTo("fraud:8 / fraud:9");
        assertThat(report.groups().stream().mapToLong(Report.Group::joined).sum())
                .isEqualTo(expected.joined);
        assertThat(decision.flipsOverTime().flips().stream().mapToLong(Long::longValue).sum())
                .isEqualTo(expected.flips);
        assertThat(decision.left().histogram().counts().stream().mapToLong(n -> n).sum())
                .isEqualTo(expected.joined);
    }

    /** The same figures, the simple way. */
    private static final class Expected {
        private final List<Float> left = new ArrayList<>();
        private final List<Float> right = new ArrayList<>();
        private long joined;
        private long equal;
        private long flips;
        private double largest;
        private double mean;

        Expected(Map<String, Float> before, Map<String, Float> after, double threshold) {
            before.forEach(
                    (position, score) -> {
                        Float other = after.get(position);
                        if (other != null) {
                            joined++;
                            left.add(score);
                            right.add(other);
                            equal += score.equals(other) ? 1 : 0;
                            flips += score >= threshold != other >= threshold ? 1 : 0;
                            double difference = Math.abs((double) other - score);
                            largest = Math.max(largest, difference);
                            mean += difference;
                        }
                    });
            mean /= joined;
        }

        double ks() {
            double most = 0;
            for (List<Float> side : List.of(left, right)) {
                for (float at : side) {
                    long a = left.stream().filter(x -> x <= at).count();
                    long b = right.stream().filter(x -> x <= at).count();
                    most = Math.max(most, Math.abs(a - b) / (double) joined);
                }
            }
            return most;
        }
    }

    @Test
    void knownShiftHasItsKnownIndex() throws Exception {
        TestingScores scores = new TestingScores("8");
        List<byte[]> left = new ArrayList<>();
        List<byte[]> right = new ArrayList<>();
        // Ten values in equal parts on the left; on the right all of the largest's became 1.
        for (int i = 0; i < 1000; i++) {
            int value = i % 10 + 1;
            left.add(scores.record(0, i, value));
            right.add(scores.record(0, i, value == 10 ? 1 : value));
        }
        Report.Decision decision =
                compare(left, right, ComparisonOptions.DEFAULT).decision().orElseThrow();
        double doubled = (0.2 - 0.1) * Math.log(0.2 / 0.1);
        double emptied = (0.0005 - 0.1) * Math.log(0.0005 / 0.1);
        assertThat(decision.psiBins()).isEqualTo(10);
        assertThat(decision.psi()).isCloseTo(doubled + emptied, within(1e-12));
        assertThat(decision.ks()).isCloseTo(0.1, within(1e-12));
    }

    @Test
    void nanEqualsNanAndZeroDoesNotEqualMinusZero() throws Exception {
        TestingScores scores = new TestingScores("8");
        Report report =
                compare(
                        List.of(
                                scores.record(0, 0, Float.NaN),
                                scores.record(0, 1, 0.0f),
                                scores.record(0, 2, Float.NaN)),
                        List.of(
                                scores.record(0, 0, Float.NaN),
                                scores.record(0, 1, -0.0f),
                                scores.record(0, 2, 1)),
                        ComparisonOptions.DEFAULT);
        assertThat(report.equal()).isEqualTo(1);
        assertThat(report.scores().get(0).largest()).isZero();
        assertThat(report.scores().get(0).nanOnOneSide()).isEqualTo(1);
        assertThat(report.differences()).isEqualTo(2);
    }

    @Test
    void saysWhatIsNoScoredRecordAndWhichPositionsConflict() throws Exception {
        TestingScores scores = new TestingScores("8");
        Report report =
                compare(
                        List.of(new byte[] {1, 2}, scores.record(0, 5, 1), scores.record(0, 5, 2)),
                        List.of(),
                        ComparisonOptions.DEFAULT);
        assertThat(report.left().notScored()).isEqualTo(1);
        assertThat(report.left().conflicts()).isEqualTo(1);
        assertThat(report.left().alone()).isEqualTo(1);
        assertThat(report.left().aloneExamples()).containsExactly("transactions:0:5");
        assertThat(report.differences()).isEqualTo(2);
        assertThat(report.decision()).isEmpty();
        assertThat(ReportTable.of(report))
                .contains("left alone: transactions:0:5")
                .contains("exactness left {PORTABLE=2}, right not said");
    }

    @Test
    void refusesAScoreThatNoRecordHas() {
        TestingScores scores = new TestingScores("8");
        List<byte[]> side = List.of(scores.record(0, 0, 1));
        assertThatThrownBy(
                        () -> compare(side, side, ComparisonOptions.DEFAULT.withScore("fruad", 0)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no record has a number called 'fruad'; there are [fraud]");
    }
}
