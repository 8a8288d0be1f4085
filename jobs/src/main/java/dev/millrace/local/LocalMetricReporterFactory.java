package dev.millrace.local;

import java.util.Properties;
import org.apache.flink.metrics.Metric;
import org.apache.flink.metrics.MetricConfig;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.reporter.MetricReporter;
import org.apache.flink.metrics.reporter.MetricReporterFactory;

/** Connects a cluster's metrics with the {@link LocalMetrics} named in its configuration. */
public final class LocalMetricReporterFactory implements MetricReporterFactory {
    static final String ID = "id";

    @Override
    public MetricReporter createMetricReporter(Properties properties) {
        return new Reporter(LocalMetrics.byId(properties.getProperty(ID)));
    }

    private record Reporter(LocalMetrics metrics) implements MetricReporter {
        @Override
        public void open(MetricConfig config) {}

        @Override
        public void close() {}

        @Override
        public void notifyOfAddedMetric(Metric metric, String name, MetricGroup group) {
            if (isOurs(group)) {
                metrics.added(name, metric);
            }
        }

        @Override
        public void notifyOfRemovedMetric(Metric metric, String name, MetricGroup group) {
            if (isOurs(group)) {
                metrics.removed(name, metric);
            }
        }

        private boolean isOurs(MetricGroup group) {
            String[] scope = group.getScopeComponents();
            return metrics.wants(scope[scope.length - 1]);
        }
    }
}
