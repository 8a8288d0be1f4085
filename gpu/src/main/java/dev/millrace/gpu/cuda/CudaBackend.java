package dev.millrace.gpu.cuda;

import dev.millrace.gpu.cuda.compiler.Nvrtc;
import dev.millrace.gpu.cuda.driver.CudaContext;
import dev.millrace.gpu.cuda.driver.CudaUnavailableException;
import dev.millrace.gpu.cuda.kernel.KernelProgram;
import dev.millrace.gpu.engine.Engine;
import dev.millrace.gpu.engine.EngineBackend;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.ModelArtifact;
import dev.millrace.gpu.lowering.PlanImporter;
import dev.millrace.gpu.model.Plan;

/** Scores on an NVIDIA GPU what the plan covers: the first choice of {@code auto}. */
public final class CudaBackend implements EngineBackend {
    static final String NAME = "cuda";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int rank() {
        return 10;
    }

    @Override
    public void checkSettings(EngineOptions options) throws EngineException {
        CudaSettings.parse(options);
    }

    @Override
    public Coverage examine(ModelArtifact artifact, EngineOptions options) {
        try {
            CudaSettings.of(options);
            CudaContext.DeviceFacts facts = CudaContext.examine(options.device());
            Nvrtc compiler = new Nvrtc();
            compiler.targetFor(facts.capability());
            compiler.verify();
            if (HungDevices.isHung(options.device())) {
                return new Coverage(false, HungDevices.refusal(options.device()));
            }
            Plan plan = PlanImporter.importModel(artifact, options);
            KernelProgram.of(plan, LoadedProgram.shapeOf(facts));
            return new Coverage(
                    true, "device %d is a %s".formatted(options.device(), facts.name()));
        } catch (EngineException | CudaUnavailableException | IllegalArgumentException e) {
            return new Coverage(false, e.getMessage());
        }
    }

    @Override
    public Engine open(ModelArtifact artifact, EngineOptions options, String reason)
            throws EngineException {
        CudaSettings settings = CudaSettings.of(options);
        Plan plan = PlanImporter.importModel(artifact, options);
        return CudaEngine.open(artifact.version().toString(), plan, options, settings, reason);
    }
}
