package dev.millrace.operator.inference;

import dev.millrace.gpu.engine.EngineDescription;
import dev.millrace.gpu.engine.Exactness;
import dev.millrace.gpu.engine.ModelVersion;
import dev.millrace.gpu.engine.Precision;
import java.util.HashSet;
import java.util.Set;

/**
 * Which version and engine score at present, as gauges whose labels say it: reporters like
 * Prometheus' take numbers only. Task thread, except what gauges read.
 */
final class ServingInfo {
    private final InferenceMetrics metrics;
    private final ServedModel model;

    /** Those that have a gauge: a group's metrics cannot be taken back, nor registered twice. */
    private final Set<Labels> known = new HashSet<>();

    private ModelVersion lastVersion;
    private EngineDescription lastEngine;
    private volatile Labels current;

    /** What tells one gauge from another. */
    private record Labels(
            String model,
            String version,
            String backend,
            String device,
            Precision precision,
            Exactness exactness) {}

    ServingInfo(InferenceMetrics metrics, ServedModel model) {
        this.metrics = metrics;
        this.model = model;
        check();
    }

    /**
     * Looks whether they are others than before: the engine may have fallen back to its twin, and a
     * release may have taken over.
     */
    void check() {
        ModelVersion version = model.version();
        EngineDescription engine = model.engine();
        if (version.equals(lastVersion) && engine.equals(lastEngine)) {
            return;
        }
        lastVersion = version;
        lastEngine = engine;
        Labels labels =
                new Labels(
                        version.name(),
                        version.version(),
                        engine.backend(),
                        engine.device(),
                        engine.precision(),
                        engine.exactness());
        current = labels;
        if (known.add(labels)) {
            metrics.serving(version, engine, () -> labels.equals(current) ? 1 : 0);
        }
    }
}
