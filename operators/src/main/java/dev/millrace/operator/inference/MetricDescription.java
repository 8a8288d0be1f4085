package dev.millrace.operator.inference;

/**
 * One metric of the operator, as it is registered and documented.
 *
 * @param name its name in the group {@link InferenceMetrics#GROUP}
 * @param unit what one is
 */
public record MetricDescription(String name, Type type, String unit, String description) {
    /** Flink's kinds of metric. */
    public enum Type {
        COUNTER,
        GAUGE,
        HISTOGRAM
    }
}
