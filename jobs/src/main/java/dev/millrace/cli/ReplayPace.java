package dev.millrace.cli;

import java.time.Duration;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/** What a replay's progress is in words. Rate and time left come from what this run has seen. */
final class ReplayPace {
    private final long size;
    private final String more;
    private boolean reading;
    private long firstNanos;
    private long firstRead;
    private long firstLeft;
    private long nanos;
    private long read;
    private long left;

    /**
     * @param size of the whole replay, in the unit that what is left comes in
     * @param resumed whether some of it was replayed before: records are those of this run
     */
    ReplayPace(long size, boolean resumed) {
        this.size = size;
        this.more = resumed ? " more" : "";
        this.left = size;
    }

    /**
     * Takes figures.
     *
     * @param recordsRead by this run so far
     * @param remaining what is left, where somebody knows
     */
    void at(long nowNanos, long recordsRead, OptionalLong remaining) {
        if (recordsRead == 0) {
            return;
        }
        nanos = nowNanos;
        read = recordsRead;
        left = Math.min(size, remaining.orElse(left));
        if (!reading) {
            reading = true;
            firstNanos = nanos;
            firstRead = read;
            firstLeft = left;
        }
    }

    /** Of the whole replay, 0 to 1. */
    double share() {
        return reading ? (double) (size - left) / size : 0;
    }

    private double seconds() {
        return (nanos - firstNanos) / (double) TimeUnit.SECONDS.toNanos(1);
    }

    /** Records, rate and time left, as far as they can be told. */
    String withoutPercent() {
        String records = String.format(Locale.ROOT, "%,d%s records", read, more);
        if (!reading || nanos == firstNanos) {
            return records;
        }
        String rate = String.format(Locale.ROOT, ", %,.0f/s", (read - firstRead) / seconds());
        if (firstLeft <= left) {
            return records + rate;
        }
        double secondsLeft = left * seconds() / (firstLeft - left);
        return records
                + rate
                + ", "
                + inWords(Duration.ofSeconds(Math.round(secondsLeft)))
                + " left";
    }

    private static String inWords(Duration duration) {
        if (duration.toHours() > 0) {
            return "%d h %d min".formatted(duration.toHours(), duration.toMinutesPart());
        }
        return duration.toMinutes() > 0
                ? "%d min %d s".formatted(duration.toMinutes(), duration.toSecondsPart())
                : "%d s".formatted(duration.toSeconds());
    }

    @Override
    public String toString() {
        return "%d %%, %s".formatted((int) (100 * share()), withoutPercent());
    }
}
