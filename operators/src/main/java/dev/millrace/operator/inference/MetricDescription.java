package dev.millrace.operator.inference;

import java.util.List;
import java.util.stream.Collectors;

/**
 * One metric of the operator, as it is registered and documented.
 *
 * @param name its name in the group {@link InferenceMetrics#GROUP}, or in the groups of its labels
 * @param labels names of the groups inside it whose values tell several of the same name apart
 * @param unit what one is
 */
public record MetricDescription(
        String name, List<String> labels, Type type, String unit, String description) {
    /** Flink's kinds of metric. */
    public enum Type {
        COUNTER,
        GAUGE,
        HISTOGRAM
    }

    private static final String PROMETHEUS_SCOPE = "flink_taskmanager_job_task_operator_";

    public MetricDescription {
        labels = List.copyOf(labels);
    }

    /** What Flink's Prometheus reporter calls it. */
    public String prometheusName() {
        return PROMETHEUS_SCOPE
                + InferenceMetrics.GROUP
                + labels.stream().map(label -> "_" + label).collect(Collectors.joining())
                + "_"
                + name;
    }
}
