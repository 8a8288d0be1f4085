package dev.millrace.bench.endtoend;

import java.util.Locale;

/**
 * What a figure should reach.
 *
 * @param atLeast whether more is better
 */
record Target(boolean atLeast, double value) {
    static Target atLeast(double value) {
        return new Target(true, value);
    }

    static Target atMost(double value) {
        return new Target(false, value);
    }

    boolean isMetBy(double figure) {
        return atLeast ? figure >= value : figure <= value;
    }

    /**
     * The target, and whether it is met.
     *
     * @param quick no verdict: the figure means nothing
     */
    String text(double figure, boolean quick) {
        String verdict = isMetBy(figure) ? ", met" : ", MISSED";
        return String.format(
                Locale.ROOT,
                "%s %s%s",
                atLeast ? "at least" : "at most",
                value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value),
                quick ? "" : verdict);
    }
}
