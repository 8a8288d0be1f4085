package dev.millrace.operator.inference;

import dev.millrace.gpu.engine.EngineDescription;
import java.util.HashSet;
import java.util.Set;

/**
 * Which engine scores at present, as gauges whose labels say it: reporters like Prometheus' take
 * numbers only. Task thread, except what gauges read.
 */
final class ServingInfo {
    private final InferenceMetrics metrics;
    private final ServedModel model;

    /** Those that have a gauge: a group's metrics cannot be taken back, nor registered twice. */
    private final Set<Labels> known = new HashSet<>();

    private EngineDescription last;
    private volatile Labels current;

    /** What tells one gauge from another. */
    private record Labels(String backend, String device, String exactness) {}

    ServingInfo(InferenceMetrics metrics, ServedModel model) {
        this.metrics = metrics;
        this.model = model;
        check();
    }

    /** Looks whether the engine is another than before: it may have fallen back to its twin. */
    void check() {
        EngineDescription now = model.engine();
        if (now.equals(last)) {
            return;
        }
        last = now;
        Labels labels = new Labels(now.backend(), now.device(), now.exactness().name());
        current = labels;
        if (known.add(labels)) {
            metrics.serving(model.version(), now, () -> labels.equals(current) ? 1 : 0);
        }
    }
}
