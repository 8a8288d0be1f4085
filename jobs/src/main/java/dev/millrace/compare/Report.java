package dev.millrace.compare;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a comparison found. Written as JSON as it is.
 *
 * @param joined positions with a scored record on both sides
 * @param equal of these, those whose scores have equal bits
 * @param different of these, the others
 * @param scores every score by name
 * @param decision the score that decisions hang on; empty where the records share no number
 * @param groups by whatever was asked for, with the most different records first
 * @param models by model version left and right
 */
public record Report(
        SideCounts left,
        SideCounts right,
        long joined,
        long equal,
        long different,
        List<ScoreDifference> scores,
        Optional<Decision> decision,
        List<Group> models,
        List<Group> groups) {

    /**
     * Positions that differ in bits or are on one side alone, and scored records that contradict
     * another of their own side.
     */
    public long differences() {
        return different + left.alone() + right.alone() + left.conflicts() + right.conflicts();
    }

    /**
     * One side.
     *
     * @param read values read
     * @param notScored of these, values that are no scored records
     * @param outOfRange scored records left out for their source timestamp
     * @param duplicates equal scored records of a position beyond its first
     * @param conflicts scored records of a position that differ from another of it
     * @param alone positions the other side does not have
     * @param aloneExamples some of these
     * @param exactness how many records say which exactness of their engine
     */
    public record SideCounts(
            String name,
            long read,
            long notScored,
            long outOfRange,
            long duplicates,
            long conflicts,
            long alone,
            List<String> aloneExamples,
            Map<String, Long> exactness) {

        /** Scored records that were compared or found to be alone. */
        public long scored() {
            return read - notScored - outOfRange;
        }
    }

    /**
     * One score over all joined positions that have it on both sides.
     *
     * @param missing positions where one side lacks it, or has it in another shape
     * @param largest the largest absolute difference of its numbers
     * @param largestAt where that is; empty if there is none
     * @param mean the mean absolute difference
     * @param nanOnOneSide positions where one side alone is NaN; in neither largest nor mean
     */
    public record ScoreDifference(
            String name,
            long compared,
            long equal,
            long missing,
            double largest,
            String largestAt,
            double mean,
            long nanOnOneSide) {}

    /**
     * The score that decisions hang on.
     *
     * @param score its name
     * @param threshold at and above it a record is refused, flagged, shown: positive
     * @param toPositive decisions that are positive on the right alone
     * @param toNegative decisions that are positive on the left alone
     * @param flips the first of both, in the order of positions
     * @param psi population stability index over the left side's deciles
     * @param psiBins how many bins there were: fewer than 10 where deciles coincide
     * @param ks largest distance between the two distribution functions
     * @param left distribution of the left side
     * @param right distribution of the right side
     * @param differences right minus left
     * @param flipsOverTime flips by the time of their records
     */
    public record Decision(
            String score,
            double threshold,
            long positiveLeft,
            long positiveRight,
            long toPositive,
            long toNegative,
            List<Flip> flips,
            double psi,
            int psiBins,
            double ks,
            Distribution left,
            Distribution right,
            Histogram differences,
            TimeLine flipsOverTime) {
        public long flipped() {
            return toPositive + toNegative;
        }
    }

    public record Flip(String position, long timestampMs, double left, double right) {}

    /**
     * One side's scores.
     *
     * @param quantiles at 0, 1, 2 … 100 %
     * @param histogram over the range of both sides
     */
    public record Distribution(
            long count,
            long nans,
            double mean,
            double smallest,
            double largest,
            List<Double> quantiles,
            Histogram histogram) {}

    /** Counts in bins of equal width from {@code from} to {@code to}. */
    public record Histogram(double from, double to, List<Long> counts) {}

    /** Counts in spans of equal length, the first of them begins at {@code fromMs}. */
    public record TimeLine(long fromMs, long spanMs, List<Long> records, List<Long> flips) {}

    /** Positions that share a value. */
    public record Group(String value, long joined, long different, long flipped, double largest) {}
}
