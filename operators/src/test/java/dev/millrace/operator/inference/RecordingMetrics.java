package dev.millrace.operator.inference;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.Metric;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.metrics.groups.InternalOperatorMetricGroup;
import org.apache.flink.runtime.metrics.util.InterceptingOperatorMetricGroup;
import org.apache.flink.runtime.metrics.util.InterceptingTaskMetricGroup;

/** Keeps what is registered in the group {@link InferenceMetrics#GROUP} of an operator. */
final class RecordingMetrics extends UnregisteredMetricsGroup {
    final Map<String, Metric> registered = new ConcurrentHashMap<>();

    /** A task whose only operator registers here. */
    InterceptingTaskMetricGroup task() {
        return new InterceptingTaskMetricGroup() {
            private final Operator operator = new Operator();

            @Override
            public InternalOperatorMetricGroup getOrAddOperator(
                    OperatorID id, String name, Map<String, String> variables) {
                return operator;
            }
        };
    }

    private final class Operator extends InterceptingOperatorMetricGroup {
        @Override
        public MetricGroup addGroup(String name) {
            return name.equals(InferenceMetrics.GROUP)
                    ? RecordingMetrics.this
                    : super.addGroup(name);
        }
    }

    @Override
    public MetricGroup addGroup(String key, String value) {
        return new Labelled("{" + key + "=" + value);
    }

    /** A group of labels: what is in it is kept under its name, the labels behind it. */
    private final class Labelled extends UnregisteredMetricsGroup {
        private final String labels;

        Labelled(String labels) {
            this.labels = labels;
        }

        @Override
        public MetricGroup addGroup(String key, String value) {
            return new Labelled(labels + "," + key + "=" + value);
        }

        @Override
        public Counter counter(String name) {
            return record(name + labels + "}", super.counter(name));
        }

        @Override
        public <T, G extends Gauge<T>> G gauge(String name, G gauge) {
            return record(name + labels + "}", gauge);
        }
    }

    private <M extends Metric> M record(String name, M metric) {
        if (registered.put(name, metric) != null) {
            throw new AssertionError("Metric " + name + " is registered twice");
        }
        return metric;
    }

    @Override
    public Counter counter(String name) {
        return record(name, super.counter(name));
    }

    @Override
    public <T, G extends Gauge<T>> G gauge(String name, G gauge) {
        return record(name, gauge);
    }

    @Override
    public <H extends Histogram> H histogram(String name, H histogram) {
        return record(name, histogram);
    }

    long count(MetricDescription metric) {
        return ((Counter) registered.get(metric.name())).getCount();
    }

    Histogram histogram(MetricDescription metric) {
        return (Histogram) registered.get(metric.name());
    }

    /** The value of a gauge with labels, for example {@code gpu=testing}. */
    Object value(MetricDescription metric, String labels) {
        Metric gauge = registered.get("%s{%s}".formatted(metric.name(), labels));
        return gauge == null ? null : ((Gauge<?>) gauge).getValue();
    }

    Object value(MetricDescription metric) {
        return ((Gauge<?>) registered.get(metric.name())).getValue();
    }
}
