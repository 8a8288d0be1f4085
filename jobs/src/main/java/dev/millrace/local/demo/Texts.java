package dev.millrace.local.demo;

import java.util.Locale;

/** Figures for people, the same in every locale. */
final class Texts {
    private static final String BARS = "▁▂▃▄▅▆▇█";

    private Texts() {}

    /** {@code 1,234,567}. */
    static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /** {@code 1,234/s}. */
    static String rate(double perSecond) {
        return count(Math.round(perSecond)) + "/s";
    }

    /** {@code 0:01:02}. */
    static String duration(long seconds) {
        return String.format(
                Locale.ROOT, "%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);
    }

    /** A number of milliseconds, with as many digits as are worth reading. */
    static String millis(double milliseconds) {
        String format = milliseconds < 10 ? "%.1f ms" : "%.0f ms";
        return String.format(Locale.ROOT, format, milliseconds);
    }

    /** {@code 12 %}. */
    static String percent(long part, long whole) {
        return whole == 0 ? "0 %" : String.format(Locale.ROOT, "%.0f %%", 100.0 * part / whole);
    }

    /** A curve of bars, as high as the largest value. */
    static String curve(double[] values) {
        double largest = 0;
        for (double value : values) {
            largest = Math.max(largest, value);
        }
        StringBuilder curve = new StringBuilder();
        for (double value : values) {
            int height = largest == 0 ? 0 : (int) (value / largest * (BARS.length() - 1) + 0.5);
            curve.append(BARS.charAt(height));
        }
        return curve.toString();
    }
}
