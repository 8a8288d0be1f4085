package dev.millrace.job;

import dev.millrace.gpu.engine.Engine;
import dev.millrace.gpu.engine.EngineDescription;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.Engines;
import dev.millrace.gpu.engine.ModelArtifact;
import dev.millrace.gpu.engine.ModelSignature;
import dev.millrace.gpu.engine.Precision;
import java.util.Optional;

/**
 * What was learnt of a model by opening it where the job is started.
 *
 * @param signature what the model takes and gives
 * @param engine the engine that opened it
 * @param elsewhere why the engine asked for cannot score here, where only another machine can
 */
record ModelInspection(
        ModelSignature signature, EngineDescription engine, Optional<String> elsewhere) {
    private static final int FEWEST_SLOTS = 2;

    /**
     * Opens a model. Where the client lacks the GPU that the tasks have, any engine serves: all
     * report the same signature.
     *
     * @throws EngineException if no engine here can open the model
     */
    static ModelInspection of(ModelArtifact artifact, EngineOptions options)
            throws EngineException {
        EngineOptions small = options(options, options.backend(), options.precision());
        try {
            return open(artifact, small, Optional.empty());
        } catch (EngineException e) {
            boolean otherMachinesCan =
                    options.backend().equals(EngineOptions.AUTO)
                            || options.backend().equals("cuda");
            if (!otherMachinesCan) {
                throw e;
            }
            try {
                return open(
                        artifact,
                        options(options, EngineOptions.AUTO, Precision.FP32),
                        Optional.of(e.getMessage()));
            } catch (EngineException again) {
                e.addSuppressed(again);
                throw e;
            }
        }
    }

    private static ModelInspection open(
            ModelArtifact artifact, EngineOptions options, Optional<String> elsewhere)
            throws EngineException {
        try (Engine engine = Engines.open(artifact, options)) {
            return new ModelInspection(engine.signature(), engine.description(), elsewhere);
        }
    }

    private static EngineOptions options(EngineOptions asked, String backend, Precision precision) {
        return new EngineOptions(
                backend, 1, FEWEST_SLOTS, precision, asked.device(), asked.properties());
    }
}
