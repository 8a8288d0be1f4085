package dev.millrace.gpu.cpu;

import dev.millrace.gpu.engine.Engine;
import dev.millrace.gpu.engine.EngineBackend;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.ModelArtifact;
import dev.millrace.gpu.lowering.PlanImporter;

/** Scores what the portable plan covers, on any machine, to the bits of the cuda backend. */
public final class CpuBackend implements EngineBackend {
    @Override
    public String name() {
        return CpuEngine.BACKEND;
    }

    /** After cuda, before onnxruntime. */
    @Override
    public int rank() {
        return 50;
    }

    @Override
    public void checkSettings(EngineOptions options) throws EngineException {
        CpuSettings.parse(options);
    }

    @Override
    public Coverage examine(ModelArtifact artifact, EngineOptions options) {
        try {
            CpuSettings.of(options);
            if (!SharedPlans.holds(artifact, options)) {
                PlanImporter.importModel(artifact, options);
            }
            return new Coverage(true, "the portable plan covers the model");
        } catch (EngineException | IllegalArgumentException e) {
            return new Coverage(false, e.getMessage());
        }
    }

    @Override
    public Engine open(ModelArtifact artifact, EngineOptions options, String reason)
            throws EngineException {
        SharedPlans.Lease lease = SharedPlans.lease(artifact, options);
        try {
            return CpuEngine.open(
                    artifact.version().toString(), lease.plan(), lease::close, options, reason);
        } catch (EngineException | RuntimeException | Error e) {
            lease.close();
            throw e;
        }
    }
}
