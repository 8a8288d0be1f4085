package dev.millrace.job.release;

import dev.millrace.operator.inference.InferenceMetrics;
import dev.millrace.operator.inference.MetricDescription;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;

/** Registers the metrics of releases, which {@link InferenceMetrics} declares. */
final class ReleaseMetrics {
    private ReleaseMetrics() {}

    /** Registers what a session knows. */
    static void register(MetricGroup operator, ReleaseSession session) {
        MetricGroup group = operator.addGroup(InferenceMetrics.GROUP);
        gauge(group, InferenceMetrics.RELEASES_ACCEPTED, () -> session.counts().accepted());
        gauge(group, InferenceMetrics.RELEASES_REFUSED, () -> session.counts().refused());
        gauge(group, InferenceMetrics.RELEASES_PENDING, () -> session.counts().pending());
        gauge(
                group,
                InferenceMetrics.RELEASE_MESSAGES_UNREADABLE,
                () -> session.counts().unreadable());
        gauge(group, InferenceMetrics.CHAMPION, () -> session.serving().champion());
        gauge(group, InferenceMetrics.CHALLENGER, () -> session.serving().challenger());
        gauge(group, InferenceMetrics.SHADOW, () -> session.serving().shadow());
        gauge(group, InferenceMetrics.VERSION_TURNS, () -> session.versions().turns());
    }

    private static <T> void gauge(MetricGroup group, MetricDescription metric, Gauge<T> value) {
        group.gauge(metric.name(), value);
    }
}
