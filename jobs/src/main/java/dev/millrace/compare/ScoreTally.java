package dev.millrace.compare;

import dev.millrace.schema.Score;

/** What differs in one score, over all positions. */
final class ScoreTally {
    private final String name;
    private long compared;
    private long equal;
    private long missing;
    private long nanOnOneSide;
    private double largest;
    private String largestAt = "";
    private double sum;
    private long summed;

    ScoreTally(String name) {
        this.name = name;
    }

    void missing() {
        missing++;
    }

    /** Takes a pair and returns its largest absolute difference. */
    double add(Score left, Score right, String position) {
        if (left.size() != right.size() || left.numeric() != right.numeric()) {
            missing++;
            return Double.POSITIVE_INFINITY;
        }
        compared++;
        if (left.equals(right)) {
            equal++;
            summed += left.numeric() ? left.size() : 0;
            return 0;
        }
        if (!left.numeric()) {
            return Double.POSITIVE_INFINITY;
        }
        double most = 0;
        for (int i = 0; i < left.size(); i++) {
            double difference = Math.abs(right.number(i) - left.number(i));
            if (left.number(i) == right.number(i)) {
                // Also two infinities, whose difference is none.
                difference = 0;
            }
            if (Double.isNaN(difference)) {
                if (Double.isNaN(left.number(i)) != Double.isNaN(right.number(i))) {
                    nanOnOneSide++;
                }
                continue;
            }
            sum += difference;
            summed++;
            most = Math.max(most, difference);
        }
        if (most > largest) {
            largest = most;
            largestAt = position;
        }
        return most;
    }

    Report.ScoreDifference result() {
        return new Report.ScoreDifference(
                name,
                compared,
                equal,
                missing,
                largest,
                largestAt,
                summed == 0 ? 0 : sum / summed,
                nanOnOneSide);
    }
}
