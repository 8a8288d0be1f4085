package dev.millrace.bench.subject;

import dev.millrace.local.LocalMetrics;
import dev.millrace.operator.batch.FlushReason;
import dev.millrace.operator.inference.InferenceMetrics;
import dev.millrace.operator.inference.MetricDescription;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.metrics.HistogramStatistics;

/**
 * What the inference operator says of itself: of its last 1024 micro-batches, and counters of all.
 *
 * @param flushes micro-batches by flush reason, of all runs of the process
 */
public record OperatorFigures(
        Quantiles latencyMicros,
        Quantiles serviceMicros,
        Quantiles queueMicros,
        Quantiles rows,
        long targetRows,
        long lingerMicros,
        Map<FlushReason, Long> flushes) {

    public record Quantiles(double p50, double p99) {}

    static OperatorFigures of(LocalMetrics metrics) {
        Map<FlushReason, Long> flushes = new TreeMap<>();
        for (FlushReason reason : FlushReason.values()) {
            flushes.put(reason, metrics.count(InferenceMetrics.flushes(reason).name()));
        }
        return new OperatorFigures(
                quantiles(metrics, InferenceMetrics.LATENCY),
                quantiles(metrics, InferenceMetrics.SERVICE),
                quantiles(metrics, InferenceMetrics.QUEUE),
                quantiles(metrics, InferenceMetrics.MICRO_BATCH_ROWS),
                number(metrics, InferenceMetrics.TARGET_ROWS),
                number(metrics, InferenceMetrics.LINGER),
                flushes);
    }

    private static Quantiles quantiles(LocalMetrics metrics, MetricDescription metric) {
        for (HistogramStatistics statistics : metrics.histograms(metric.name())) {
            return new Quantiles(statistics.getQuantile(0.5), statistics.getQuantile(0.99));
        }
        return new Quantiles(0, 0);
    }

    private static long number(LocalMetrics metrics, MetricDescription metric) {
        return metrics.gauge(metric.name()).map(value -> ((Number) value).longValue()).orElse(0L);
    }
}
