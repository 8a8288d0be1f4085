package dev.millrace.operator.inference;

import dev.millrace.gpu.engine.Engine;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.ModelArtifact;
import dev.millrace.gpu.engine.ModelVersion;
import java.io.Serializable;

/** Opens the engine of a subtask, on the machine that will score. Travels with the job. */
public interface EngineProvider extends Serializable {
    ModelVersion modelVersion();

    /** Opens an engine, which passes to the caller. Called once per subtask, on its task thread. */
    Engine open(EngineRequest request) throws Exception;

    /**
     * Takes the model's bytes along in the job and opens them with the backend, precision, device
     * and properties of {@code options}; batch size and slots are the operator's.
     */
    static EngineProvider of(ModelArtifact artifact, EngineOptions options) {
        return new ArtifactEngineProvider(artifact, options);
    }

    /** The same with the best backend that covers the model. */
    static EngineProvider of(ModelArtifact artifact) {
        return of(artifact, EngineOptions.of(EngineOptions.AUTO, 1, 2));
    }
}
