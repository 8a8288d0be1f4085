package dev.millrace.local.demo;

import dev.millrace.local.demo.Ledger.Outcome;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Follows what comes out while a demo runs: counts it, measures how long it took and keeps the last
 * few. A thread of its own between {@link #start()} and {@link #close()}.
 */
final class Watch implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(100);
    private static final long LONGEST_MS = 3_600_000;
    private static final int KEPT = 6;

    private final Ledger ledger;
    private final Outcomes outcomes;
    private final SampleLines sampleLines;
    private final Recorder latency = new Recorder(LONGEST_MS, 3);
    private final Histogram allLatency = new Histogram(LONGEST_MS, 3);
    private final Deque<String> samples = new ArrayDeque<>();
    private final AtomicReference<Exception> failure = new AtomicReference<>();
    private final Thread thread = new Thread(this::run, "millrace-watch");
    private DemoStatus.Latency latest = DemoStatus.Latency.NONE;
    private long sinceMs = Long.MAX_VALUE;
    private volatile boolean stopped;
    private volatile long lastSeenNanos = System.nanoTime();

    Watch(DemoTopics topics, SampleLines sampleLines) {
        this.sampleLines = sampleLines;
        ledger = new Ledger(topics.partitions());
        outcomes = new Outcomes(topics, ledger, this::onRecord);
        outcomes.readToEnd();
    }

    /** What had come out before {@link #start()}, and since. Any thread. */
    Ledger.Totals totals() {
        return ledger.totals();
    }

    /** Follows, and measures the records that are submitted from now on. */
    void start() {
        sinceMs = System.currentTimeMillis();
        thread.setDaemon(true);
        thread.start();
    }

    /** When something came out last, by {@link System#nanoTime()}. Any thread. */
    long lastSeenNanos() {
        return lastSeenNanos;
    }

    /** Latency of the last results there were. One thread. */
    DemoStatus.Latency latestLatency() {
        Histogram interval = latency.getIntervalHistogram();
        if (interval.getTotalCount() > 0) {
            allLatency.add(interval);
            latest = summary(interval);
        }
        return latest;
    }

    /** Latency of everything measured. The same thread. */
    DemoStatus.Latency latency() {
        allLatency.add(latency.getIntervalHistogram());
        return summary(allLatency);
    }

    /** The last few records, newest first. Any thread. */
    List<String> samples() {
        synchronized (samples) {
            return new ArrayList<>(samples);
        }
    }

    /**
     * Fails if following has failed.
     *
     * @throws DemoException with the cause
     */
    void check() {
        Exception cause = failure.get();
        if (cause != null) {
            throw new DemoException("Cannot follow the results: " + cause.getMessage(), cause);
        }
    }

    @Override
    public void close() {
        stopped = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        outcomes.close();
    }

    private void run() {
        try {
            while (!stopped) {
                long before = ledger.totals().accounted();
                outcomes.poll(POLL);
                if (ledger.totals().accounted() > before) {
                    lastSeenNanos = System.nanoTime();
                }
            }
        } catch (RuntimeException e) {
            failure.set(e);
        }
    }

    private void onRecord(Outcome outcome, long submittedMs, ConsumerRecord<byte[], byte[]> found) {
        if (submittedMs >= sinceMs) {
            long taken = Math.max(0, System.currentTimeMillis() - submittedMs);
            latency.recordValue(Math.min(LONGEST_MS, taken));
        }
        if (sampleLines.isDue(System.nanoTime())) {
            keep(sampleLines.line(outcome, found));
        }
    }

    private void keep(String line) {
        synchronized (samples) {
            samples.addFirst(line);
            if (samples.size() > KEPT) {
                samples.removeLast();
            }
        }
    }

    private static DemoStatus.Latency summary(Histogram histogram) {
        if (histogram.getTotalCount() == 0) {
            return DemoStatus.Latency.NONE;
        }
        return new DemoStatus.Latency(
                histogram.getTotalCount(),
                histogram.getValueAtPercentile(50),
                histogram.getValueAtPercentile(90),
                histogram.getValueAtPercentile(99),
                histogram.getMaxValue());
    }
}
