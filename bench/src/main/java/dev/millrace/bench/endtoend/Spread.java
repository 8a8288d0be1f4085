package dev.millrace.bench.endtoend;

import java.util.List;
import java.util.Locale;

/** A median with the least and the greatest value it was taken from. */
record Spread(double median, double least, double greatest) {
    static Spread of(List<Double> values) {
        double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        if (sorted.length == 0) {
            throw new IllegalArgumentException("No values, no median");
        }
        int middle = sorted.length / 2;
        double median =
                sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Spread(median, sorted[0], sorted[sorted.length - 1]);
    }

    String text(String format) {
        return String.format(
                Locale.ROOT,
                format + " [" + format + " to " + format + "]",
                median,
                least,
                greatest);
    }
}
