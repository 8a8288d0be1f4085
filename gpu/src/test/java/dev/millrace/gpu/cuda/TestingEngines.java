package dev.millrace.gpu.cuda;

import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.model.Plan;
import java.nio.file.Path;
import java.util.Map;

/** Engines on plans written by hand. */
final class TestingEngines {
    /** Kernels are compiled once per build. */
    static final Map<String, String> PROPERTIES =
            Map.of(
                    "cuda.kernel-cache",
                    Path.of("target", "kernel-cache").toAbsolutePath().toString());

    private TestingEngines() {}

    static CudaEngine open(Plan plan, EngineOptions options) throws EngineException {
        return CudaEngine.open("test", plan, options, CudaSettings.of(options), "asked for");
    }
}
