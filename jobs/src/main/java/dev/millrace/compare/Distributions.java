package dev.millrace.compare;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Figures of sorted numbers, exact, in passes over them. */
final class Distributions {
    private static final int BINS = 50;
    private static final int PERCENT = 100;
    private static final int DECILES = 10;

    private Distributions() {}

    /** Of one side, with a histogram over a range that both sides share. */
    static Report.Distribution of(SortedNumbers numbers, double from, double to)
            throws IOException {
        List<Double> quantiles = new ArrayList<>();
        double sum = 0;
        double last = 0;
        long index = 0;
        try (SortedNumbers.Numbers reader = numbers.read()) {
            while (reader.hasNext()) {
                last = reader.next();
                sum += last;
                while (quantiles.size() <= PERCENT
                        && index >= rank(quantiles.size(), numbers.count())) {
                    quantiles.add(last);
                }
                index++;
            }
        }
        boolean none = quantiles.isEmpty();
        return new Report.Distribution(
                numbers.count(),
                numbers.nans(),
                none ? 0 : sum / numbers.count(),
                none ? 0 : quantiles.get(0),
                none ? 0 : last,
                quantiles,
                histogram(numbers, from, to));
    }

    /** Where the smallest number is that so many percent are not above. */
    private static long rank(int percent, long count) {
        return Math.max(0, (percent * count + PERCENT - 1) / PERCENT - 1);
    }

    /** The smallest and the largest number; two zeros where there are none. */
    static double[] range(SortedNumbers numbers) throws IOException {
        double first = 0;
        double last = 0;
        boolean any = false;
        try (SortedNumbers.Numbers reader = numbers.read()) {
            while (reader.hasNext()) {
                last = reader.next();
                if (!any) {
                    first = last;
                    any = true;
                }
            }
        }
        return new double[] {first, last};
    }

    static Report.Histogram histogram(SortedNumbers numbers, double from, double to)
            throws IOException {
        long[] counts = new long[BINS];
        double width = (to - from) / BINS;
        try (SortedNumbers.Numbers reader = numbers.read()) {
            while (reader.hasNext()) {
                double offset = reader.next() - from;
                int bin = width > 0 && offset > 0 ? (int) Math.min(BINS - 1, offset / width) : 0;
                counts[bin]++;
            }
        }
        List<Long> list = new ArrayList<>();
        for (long count : counts) {
            list.add(count);
        }
        return new Report.Histogram(from, to, list);
    }

    /** A population stability index and its number of bins. */
    record Stability(double psi, int bins) {}

    /**
     * The population stability index of the right over the deciles of the left. A bin that is empty
     * on one side counts as half a record there, or its logarithm would be infinite.
     */
    static Stability stability(SortedNumbers left, List<Double> leftQuantiles, SortedNumbers right)
            throws IOException {
        if (left.count() == 0 || right.count() == 0) {
            return new Stability(0, 0);
        }
        List<Double> edges = new ArrayList<>();
        for (int decile = 1; decile < DECILES; decile++) {
            double edge = leftQuantiles.get(decile * PERCENT / DECILES);
            if (edges.isEmpty() || edge > edges.get(edges.size() - 1)) {
                edges.add(edge);
            }
        }
        long[] before = countsBelow(left, edges);
        long[] after = countsBelow(right, edges);
        double psi = 0;
        for (int bin = 0; bin <= edges.size(); bin++) {
            double expected = Math.max((double) before[bin], 0.5) / (double) left.count();
            double actual = Math.max((double) after[bin], 0.5) / (double) right.count();
            psi += (actual - expected) * Math.log(actual / expected);
        }
        return new Stability(psi, edges.size() + 1);
    }

    private static long[] countsBelow(SortedNumbers numbers, List<Double> edges)
            throws IOException {
        long[] counts = new long[edges.size() + 1];
        int bin = 0;
        try (SortedNumbers.Numbers reader = numbers.read()) {
            while (reader.hasNext()) {
                double number = reader.next();
                while (bin < edges.size() && number > edges.get(bin)) {
                    bin++;
                }
                counts[bin]++;
            }
        }
        return counts;
    }

    /** The two-sample Kolmogorov-Smirnov statistic. */
    static double kolmogorovSmirnov(SortedNumbers left, SortedNumbers right) throws IOException {
        if (left.count() == 0 || right.count() == 0) {
            return 0;
        }
        double largest = 0;
        try (SortedNumbers.Numbers a = left.read();
                SortedNumbers.Numbers b = right.read()) {
            long seenLeft = 0;
            long seenRight = 0;
            double nextLeft = a.next();
            double nextRight = b.next();
            while (seenLeft < left.count() && seenRight < right.count()) {
                double at = Math.min(nextLeft, nextRight);
                while (seenLeft < left.count() && nextLeft <= at) {
                    seenLeft++;
                    nextLeft = a.hasNext() ? a.next() : Double.POSITIVE_INFINITY;
                }
                while (seenRight < right.count() && nextRight <= at) {
                    seenRight++;
                    nextRight = b.hasNext() ? b.next() : Double.POSITIVE_INFINITY;
                }
                double distance =
                        Math.abs(
                                (double) seenLeft / left.count()
                                        - (double) seenRight / right.count());
                largest = Math.max(largest, distance);
            }
        }
        return largest;
    }
}
