package dev.millrace.job.release;

import static dev.millrace.operator.inference.MetricDescription.Type.GAUGE;

import dev.millrace.operator.inference.InferenceMetrics;
import dev.millrace.operator.inference.MetricDescription;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;

/**
 * All metrics of releases, on the operator that holds records back: {@code
 * <host>.taskmanager.<id>.<job>.<operator>.<subtask>.millrace.<name>}. Every task reads the whole
 * control topic, so they are not to be summed up over tasks.
 */
public final class ReleaseMetrics {
    private static final List<MetricDescription> DECLARED = new ArrayList<>();

    public static final MetricDescription ACCEPTED =
            declare("releasesAccepted", "releases", "Releases that the job has accepted.");
    public static final MetricDescription REFUSED =
            declare(
                    "releasesRefused",
                    "releases",
                    "Releases that the job has refused; the control topic says why.");
    public static final MetricDescription PENDING =
            declare(
                    "releasesPending",
                    "releases",
                    "Releases that are not decided yet; records that they claim wait.");
    public static final MetricDescription UNREADABLE =
            declare(
                    "releaseMessagesUnreadable",
                    "records",
                    "Records of the control topic that are neither release nor vote nor decision.");
    public static final MetricDescription CHAMPION =
            declare(
                    "champion",
                    "text",
                    "Name and version of the champion at the timestamp of the last record.");
    public static final MetricDescription CHALLENGER =
            declare(
                    "challenger",
                    "text",
                    "The challenger's at that timestamp; empty where there is none.");
    public static final MetricDescription SHADOW =
            declare("shadow", "text", "The shadow's at that timestamp; empty where there is none.");
    public static final MetricDescription TURNS =
            declare(
                    "versionTurns",
                    "engines",
                    "Engines closed because there was no memory for another version beside them.");

    private ReleaseMetrics() {}

    private static MetricDescription declare(String name, String unit, String description) {
        MetricDescription metric = new MetricDescription(name, List.of(), GAUGE, unit, description);
        DECLARED.add(metric);
        return metric;
    }

    /** All of them. */
    public static List<MetricDescription> all() {
        return List.copyOf(DECLARED);
    }

    /** Registers what a session knows. */
    static void register(MetricGroup operator, ReleaseSession session) {
        MetricGroup group = operator.addGroup(InferenceMetrics.GROUP);
        gauge(group, ACCEPTED, () -> session.counts().accepted());
        gauge(group, REFUSED, () -> session.counts().refused());
        gauge(group, PENDING, () -> session.counts().pending());
        gauge(group, UNREADABLE, () -> session.counts().unreadable());
        gauge(group, CHAMPION, () -> session.serving().champion());
        gauge(group, CHALLENGER, () -> session.serving().challenger());
        gauge(group, SHADOW, () -> session.serving().shadow());
        gauge(group, TURNS, () -> session.versions().turns());
    }

    private static <T> void gauge(MetricGroup group, MetricDescription metric, Gauge<T> value) {
        group.gauge(metric.name(), value);
    }
}
