package dev.millrace.gpu.cuda;

import dev.millrace.gpu.cuda.compiler.KernelCache;
import dev.millrace.gpu.cuda.compiler.KernelCompiler;
import dev.millrace.gpu.cuda.compiler.Nvrtc;
import dev.millrace.gpu.cuda.driver.CudaContext;
import dev.millrace.gpu.cuda.driver.CudaModule;
import dev.millrace.gpu.cuda.driver.CudaUnavailableException;
import dev.millrace.gpu.cuda.kernel.DeviceShape;
import dev.millrace.gpu.cuda.kernel.KernelProgram;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.model.Plan;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A plan's program on a device: code loaded, constants copied. Engine's thread only. */
final class LoadedProgram implements AutoCloseable {
    private final KernelProgram program;
    private final Closing closing = new Closing();
    private final List<CudaModule.Function> functions = new ArrayList<>();
    private final SharedConstants constants;

    private LoadedProgram(int device, KernelProgram program, byte[] image) {
        this.program = program;
        try {
            CudaModule module = closing.add(new CudaModule(image));
            for (KernelProgram.Launch launch : program.launches()) {
                functions.add(module.function(launch.kernel(), launch.sharedBytes()));
            }
            constants = closing.add(SharedConstants.acquire(device, program.constants()));
        } catch (RuntimeException e) {
            closing.closeAfter(e);
            throw e;
        }
    }

    /** Generates, compiles (unless that was done before) and loads. */
    static LoadedProgram load(CudaContext context, int device, Plan plan, Path kernelCache)
            throws EngineException, CudaUnavailableException {
        KernelProgram program = KernelProgram.of(plan, shapeOf(context.facts()));
        KernelCompiler compiler = new Nvrtc();
        KernelCompiler.Target target = compiler.targetFor(context.facts().capability());
        byte[] image = new KernelCache(kernelCache, compiler).imageFor(program.source(), target);
        return new LoadedProgram(device, program, image);
    }

    static DeviceShape shapeOf(CudaContext.DeviceFacts facts) {
        return new DeviceShape(facts.multiprocessors(), facts.sharedBytesPerBlock());
    }

    KernelProgram program() {
        return program;
    }

    CudaModule.Function function(int launch) {
        return functions.get(launch);
    }

    long constantsAddress() {
        return constants.address();
    }

    long constantBytes() {
        return constants.bytes();
    }

    @Override
    public void close() {
        closing.close();
    }
}
