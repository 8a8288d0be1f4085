package dev.millrace.local;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.HistogramStatistics;
import org.apache.flink.metrics.Metric;

/**
 * The figures of one metric group of a {@link LocalFlink}, read in the process without a detour
 * over HTTP: over all subtasks, and over all attempts where tasks have failed. Any thread.
 */
public final class LocalMetrics {
    private static final Map<String, LocalMetrics> BY_ID = new ConcurrentHashMap<>();

    private final String id = UUID.randomUUID().toString();
    private final String group;
    private final Map<String, Set<Metric>> live = new ConcurrentHashMap<>();
    private final Map<String, LongAdder> retired = new ConcurrentHashMap<>();

    /**
     * @param group last component of the metric group's scope
     */
    public LocalMetrics(String group) {
        this.group = group;
        BY_ID.put(id, this);
    }

    /** What a cluster must be configured with to report here. */
    public Configuration settings() {
        Configuration settings = new Configuration();
        String prefix = "metrics.reporter.local-" + id + ".";
        settings.setString(prefix + "factory.class", LocalMetricReporterFactory.class.getName());
        settings.setString(prefix + LocalMetricReporterFactory.ID, id);
        return settings;
    }

    /** A counter's value, summed up. */
    public long count(String name) {
        LongAdder before = retired.get(name);
        long sum = before == null ? 0 : before.sum();
        for (Metric metric : metrics(name)) {
            if (metric instanceof Counter counter) {
                sum += counter.getCount();
            }
        }
        return sum;
    }

    /** The statistics of a histogram of each subtask that has values. */
    public List<HistogramStatistics> histograms(String name) {
        List<HistogramStatistics> statistics = new ArrayList<>();
        for (Metric metric : metrics(name)) {
            if (metric instanceof Histogram histogram && histogram.getCount() > 0) {
                statistics.add(histogram.getStatistics());
            }
        }
        return statistics;
    }

    /** The value of a gauge of some subtask. */
    public Optional<Object> gauge(String name) {
        for (Metric metric : metrics(name)) {
            if (metric instanceof Gauge<?> gauge && gauge.getValue() != null) {
                return Optional.of(gauge.getValue());
            }
        }
        return Optional.empty();
    }

    /** The sum of all gauges of a name; nothing while none says a number. */
    public OptionalLong sum(String name) {
        OptionalLong sum = OptionalLong.empty();
        for (Metric metric : metrics(name)) {
            if (metric instanceof Gauge<?> gauge && gauge.getValue() instanceof Number number) {
                sum = OptionalLong.of(sum.orElse(0) + number.longValue());
            }
        }
        return sum;
    }

    static LocalMetrics byId(String id) {
        return BY_ID.get(id);
    }

    boolean wants(String lastScopeComponent) {
        return group.equals(lastScopeComponent);
    }

    void added(String name, Metric metric) {
        live.computeIfAbsent(name, key -> ConcurrentHashMap.newKeySet()).add(metric);
    }

    void removed(String name, Metric metric) {
        if (metric instanceof Counter counter) {
            retired.computeIfAbsent(name, key -> new LongAdder()).add(counter.getCount());
        }
        live.computeIfPresent(
                name,
                (key, metrics) -> {
                    metrics.remove(metric);
                    return metrics;
                });
    }

    private Set<Metric> metrics(String name) {
        return live.getOrDefault(name, Set.of());
    }
}
