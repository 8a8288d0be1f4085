package dev.millrace.operator.inference;

import dev.millrace.gpu.engine.Engine;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.Engines;
import dev.millrace.gpu.engine.ModelArtifact;
import dev.millrace.gpu.engine.ModelVersion;
import dev.millrace.gpu.engine.Precision;
import java.util.HashMap;

/** Carries a model's bytes in the job graph. */
final class ArtifactEngineProvider implements EngineProvider {
    private static final long serialVersionUID = 1L;

    private final String name;
    private final String version;
    private final byte[] content;
    private final String origin;
    private final String backend;
    private final Precision precision;
    private final int device;
    private final HashMap<String, String> properties;

    private transient ModelArtifact artifact;

    ArtifactEngineProvider(ModelArtifact artifact, EngineOptions options) {
        this.name = artifact.version().name();
        this.version = artifact.version().version();
        this.content = artifact.content();
        this.origin = artifact.origin();
        this.backend = options.backend();
        this.precision = options.precision();
        this.device = options.device();
        this.properties = new HashMap<>(options.properties());
    }

    private ModelArtifact artifact() {
        if (artifact == null) {
            artifact = new ModelArtifact(name, version, content, origin);
        }
        return artifact;
    }

    @Override
    public ModelVersion modelVersion() {
        return artifact().version();
    }

    @Override
    public Engine open(EngineRequest request) throws EngineException {
        return Engines.open(
                artifact(),
                new EngineOptions(
                        backend,
                        request.maxBatchSize(),
                        request.slots(),
                        precision,
                        device,
                        properties));
    }

    @Override
    public String toString() {
        return "%s:%s (%s) by backend %s".formatted(name, version, origin, backend);
    }
}
