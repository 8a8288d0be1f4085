package dev.millrace.gpu.onnxruntime;

import dev.millrace.gpu.engine.Engine;
import dev.millrace.gpu.engine.EngineBackend;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.ModelArtifact;
import dev.millrace.gpu.onnx.OnnxModel;

/** Scores whatever ONNX Runtime can run: the last resort of {@code auto}. */
public final class OnnxRuntimeBackend implements EngineBackend {
    static final String NAME = "onnxruntime";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int rank() {
        return 100;
    }

    @Override
    public void checkSettings(EngineOptions options) throws EngineException {
        OnnxRuntimeSettings.parse(options);
    }

    @Override
    public Coverage examine(ModelArtifact artifact, EngineOptions options) {
        try {
            OnnxRuntimeSettings.of(options);
            OnnxModel.read(artifact, options);
            return new Coverage(true, "onnxruntime " + OrtProcess.get().version() + " runs it");
        } catch (EngineException | IllegalArgumentException e) {
            return new Coverage(false, e.getMessage());
        }
    }

    @Override
    public Engine open(ModelArtifact artifact, EngineOptions options, String reason)
            throws EngineException {
        OnnxRuntimeSettings settings = OnnxRuntimeSettings.of(options);
        OnnxModel model = OnnxModel.read(artifact, options);
        return OnnxRuntimeEngine.open(artifact, model, options, settings, reason);
    }
}
