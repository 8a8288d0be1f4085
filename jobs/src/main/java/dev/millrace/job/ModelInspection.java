package dev.millrace.job;

import dev.millrace.gpu.engine.Engine;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.Engines;
import dev.millrace.gpu.engine.ModelArtifact;
import dev.millrace.gpu.engine.ModelSignature;
import dev.millrace.gpu.engine.Precision;

/** Learns what a model takes and gives by opening it where the job is started. */
final class ModelInspection {
    private static final int FEWEST_SLOTS = 2;

    private ModelInspection() {}

    /**
     * Inputs and outputs of a model. Where the client lacks the GPU that the tasks have, any engine
     * serves: all report the same signature.
     *
     * @throws EngineException if no engine here can open the model
     */
    static ModelSignature signature(ModelArtifact artifact, EngineOptions options)
            throws EngineException {
        EngineOptions small = options(options, options.backend(), options.precision());
        try {
            return open(artifact, small);
        } catch (EngineException e) {
            boolean otherMachinesCan =
                    options.backend().equals(EngineOptions.AUTO)
                            || options.backend().equals("cuda");
            if (!otherMachinesCan) {
                throw e;
            }
            try {
                return open(artifact, options(options, EngineOptions.AUTO, Precision.FP32));
            } catch (EngineException again) {
                e.addSuppressed(again);
                throw e;
            }
        }
    }

    private static ModelSignature open(ModelArtifact artifact, EngineOptions options)
            throws EngineException {
        try (Engine engine = Engines.open(artifact, options)) {
            return engine.signature();
        }
    }

    private static EngineOptions options(EngineOptions asked, String backend, Precision precision) {
        return new EngineOptions(
                backend, 1, FEWEST_SLOTS, precision, asked.device(), asked.properties());
    }
}
