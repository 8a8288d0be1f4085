package dev.millrace.job.config;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as people write them: {@code 5 ms}, {@code 10 s}, {@code 2 min}. */
public final class Durations {
    private static final Pattern PATTERN = Pattern.compile("(\\d{1,9})\\s*(us|ms|s|min|h|d)");

    private static final Duration LONGEST = Duration.ofDays(36_500);

    private Durations() {}

    /**
     * Reads a duration.
     *
     * @throws IllegalArgumentException if the text is not a whole number with a unit
     */
    public static Duration parse(String text) {
        Matcher matcher = PATTERN.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "'%s' is not a duration such as '5 ms', '10 s' or '2 min'".formatted(text));
        }
        long amount = Long.parseLong(matcher.group(1));
        Duration duration = of(amount, matcher.group(2));
        if (duration.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "'%s' is longer than %s".formatted(text, format(LONGEST)));
        }
        return duration;
    }

    private static Duration of(long amount, String unit) {
        return switch (unit) {
            case "us" -> Duration.ofNanos(amount * 1000L);
            case "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            case "min" -> Duration.ofMinutes(amount);
            case "h" -> Duration.ofHours(amount);
            case "d" -> Duration.ofDays(amount);
            default -> throw new IllegalStateException("pattern and switch disagree");
        };
    }

    /** The shortest text that {@link #parse} reads as the same duration. */
    public static String format(Duration duration) {
        long nanos = duration.toNanos();
        if (nanos % 1_000_000 != 0) {
            return nanos / 1000 + " us";
        }
        long millis = duration.toMillis();
        if (millis == 0 || millis % 1000 != 0) {
            return millis + " ms";
        }
        long seconds = duration.toSeconds();
        if (seconds % 60 != 0) {
            return seconds + " s";
        }
        if (seconds % 3600 != 0) {
            return seconds / 60 + " min";
        }
        return seconds % 86_400 == 0 ? seconds / 86_400 + " d" : seconds / 3600 + " h";
    }
}
