package dev.millrace.operator.inference;

import dev.millrace.gpu.engine.EngineDescription;
import dev.millrace.operator.batch.InFlightWindow;
import dev.millrace.operator.deadletter.DeadLetter;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.apache.flink.metrics.HistogramStatistics;

/** One line that says how it is going, made once a minute. Task thread only. */
final class StatusLine {
    static final long PERIOD_MS = TimeUnit.MINUTES.toMillis(1);

    private static final double MICROS_PER_MS = 1000;

    private final InferenceMetrics metrics;
    private final ServedModel model;
    private final InFlightWindow<?, ?> window;
    private long lastNanos;
    private long lastRecords;

    StatusLine(
            InferenceMetrics metrics,
            ServedModel model,
            InFlightWindow<?, ?> window,
            long nowNanos) {
        this.metrics = metrics;
        this.model = model;
        this.window = window;
        this.lastNanos = nowNanos;
    }

    /**
     * The line for the time since the last one.
     *
     * @param recordAgeMs of the newest scored record, or -1
     */
    String next(long nowNanos, long recordAgeMs) {
        long records = metrics.recordsIn.getCount();
        double seconds = Math.max(1, nowNanos - lastNanos) * 1e-9;
        double rate = (records - lastRecords) / seconds;
        lastNanos = nowNanos;
        lastRecords = records;
        long dead = 0;
        for (DeadLetter.Kind kind : DeadLetter.Kind.values()) {
            dead += metrics.deadLetterCounter(kind).getCount();
        }
        HistogramStatistics latency = metrics.latencyMicros.getStatistics();
        EngineDescription engine = model.engine();
        return String.format(
                Locale.ROOT,
                "%,d records in, %,.0f/s; %,d scored, %,d dead; latency p99 %.1f ms;"
                        + " micro-batches of %.0f rows; last record %s; %d of %d slots in flight;"
                        + " %s on %s scores %s",
                records,
                rate,
                metrics.recordsScored.getCount(),
                dead,
                latency.size() == 0 ? 0 : latency.getQuantile(0.99) / MICROS_PER_MS,
                metrics.microBatchRows.getStatistics().getMean(),
                recordAgeMs < 0 ? "without a time" : "%,d ms old".formatted(recordAgeMs),
                window.size(),
                window.capacity(),
                engine.backend(),
                engine.device(),
                model.version());
    }
}
