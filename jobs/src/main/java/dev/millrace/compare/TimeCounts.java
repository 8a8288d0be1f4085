package dev.millrace.compare;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** Counts over time in so few spans that a plot can show them; spans double as time goes on. */
final class TimeCounts {
    private static final int MOST_SPANS = 240;

    private TreeMap<Long, long[]> spans = new TreeMap<>();
    private long spanMs = 1;

    void add(long timestampMs, boolean flipped) {
        long[] counts =
                spans.computeIfAbsent(Math.floorDiv(timestampMs, spanMs), span -> new long[2]);
        counts[0]++;
        counts[1] += flipped ? 1 : 0;
        while (width() > MOST_SPANS) {
            spanMs *= 2;
            TreeMap<Long, long[]> wider = new TreeMap<>();
            spans.forEach(
                    (span, old) -> {
                        long[] sum =
                                wider.computeIfAbsent(Math.floorDiv(span, 2), s -> new long[2]);
                        sum[0] += old[0];
                        sum[1] += old[1];
                    });
            spans = wider;
        }
    }

    private long width() {
        return spans.lastKey() - spans.firstKey() + 1;
    }

    Report.TimeLine timeLine() {
        if (spans.isEmpty()) {
            return new Report.TimeLine(0, spanMs, List.of(), List.of());
        }
        List<Long> records = new ArrayList<>();
        List<Long> flips = new ArrayList<>();
        for (long span = spans.firstKey(); span <= spans.lastKey(); span++) {
            long[] counts = spans.getOrDefault(span, new long[2]);
            records.add(counts[0]);
            flips.add(counts[1]);
        }
        return new Report.TimeLine(spans.firstKey() * spanMs, spanMs, records, flips);
    }
}
