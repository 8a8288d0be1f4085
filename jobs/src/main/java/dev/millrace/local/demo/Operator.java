package dev.millrace.local.demo;

import dev.millrace.local.LocalMetrics;
import dev.millrace.operator.batch.FlushReason;
import dev.millrace.operator.inference.InferenceMetrics;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.apache.flink.metrics.HistogramStatistics;

/**
 * Figures of the inference operator, from its metrics. Any thread.
 *
 * @param metrics of the operator
 */
record Operator(LocalMetrics metrics) {
    private static final double MICROS_PER_MS = 1000;

    /** What scores: backend, device, precision, exactness and why it was chosen. */
    String engine() {
        return metrics.gauge(InferenceMetrics.ENGINE.name())
                .map(Object::toString)
                .orElse("starting");
    }

    DemoStatus.Batching batching() {
        Map<String, Long> flushes = new LinkedHashMap<>();
        for (FlushReason reason : FlushReason.values()) {
            String name = reason.name().toLowerCase(Locale.ROOT).replace('_', ' ');
            flushes.put(name, metrics.count(InferenceMetrics.flushes(reason).name()));
        }
        String rows = InferenceMetrics.MICRO_BATCH_ROWS.name();
        String latency = InferenceMetrics.LATENCY.name();
        return new DemoStatus.Batching(
                largest(rows, statistics -> statistics.getQuantile(0.5)),
                (long) largest(rows, HistogramStatistics::getMax),
                flushes,
                largest(latency, statistics -> statistics.getQuantile(0.5)) / MICROS_PER_MS,
                largest(latency, statistics -> statistics.getQuantile(0.99)) / MICROS_PER_MS);
    }

    /** The largest value among the subtasks. */
    private double largest(String histogram, ToDoubleFunction<HistogramStatistics> value) {
        return metrics.histograms(histogram).stream().mapToDouble(value).max().orElse(0);
    }
}
