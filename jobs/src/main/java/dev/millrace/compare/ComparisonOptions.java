package dev.millrace.compare;

import dev.millrace.schema.ScoredRecord;
import dev.millrace.schema.SourcePosition;
import java.util.Optional;
import java.util.function.Function;

/**
 * How to compare.
 *
 * @param score the score that decisions hang on; empty for the first real number
 * @param element which element of it, where it is a vector
 * @param threshold at and above it a decision is positive
 * @param group what to break the figures down by, from a record of the left side
 * @param fromMs the first source timestamp that is compared
 * @param toMs the first source timestamp after those
 * @param memoryBytes what each side may hold in memory before it goes to disk
 */
public record ComparisonOptions(
        String score,
        int element,
        double threshold,
        Optional<Function<ScoredRecord, String>> group,
        long fromMs,
        long toMs,
        long memoryBytes) {
    private static final long DEFAULT_MEMORY = 128L << 20;

    /** The first real number at 0.5, not broken down, of any time. */
    public static final ComparisonOptions DEFAULT =
            new ComparisonOptions(
                    "", 0, 0.5, Optional.empty(), Long.MIN_VALUE, Long.MAX_VALUE, DEFAULT_MEMORY);

    public ComparisonOptions withScore(String name, int index) {
        return new ComparisonOptions(name, index, threshold, group, fromMs, toMs, memoryBytes);
    }

    public ComparisonOptions withThreshold(double value) {
        return new ComparisonOptions(score, element, value, group, fromMs, toMs, memoryBytes);
    }

    public ComparisonOptions withGroup(Function<ScoredRecord, String> by) {
        return new ComparisonOptions(
                score, element, threshold, Optional.of(by), fromMs, toMs, memoryBytes);
    }

    public ComparisonOptions withMemoryBytes(long bytes) {
        return new ComparisonOptions(score, element, threshold, group, fromMs, toMs, bytes);
    }

    public ComparisonOptions withTimes(long from, long to) {
        return new ComparisonOptions(score, element, threshold, group, from, to, memoryBytes);
    }

    boolean holds(SourcePosition source) {
        return source.timestampMs() >= fromMs && source.timestampMs() < toMs;
    }
}
