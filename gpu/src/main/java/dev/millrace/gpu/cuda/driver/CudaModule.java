package dev.millrace.gpu.cuda.driver;

import java.nio.ByteBuffer;
import jcuda.Pointer;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;

/** Loaded device code. */
public final class CudaModule implements AutoCloseable {
    private final CUmodule module;
    private boolean closed;

    /** A kernel of a module, valid while the module is open. */
    public static final class Function {
        private final CUfunction handle;

        private Function(CUfunction handle) {
            this.handle = handle;
        }

        CUfunction handle() {
            return handle;
        }
    }

    /**
     * Loads device code into the current context.
     *
     * @param image a CUBIN, or PTX closed by a zero byte
     */
    public CudaModule(byte[] image) {
        ByteBuffer direct = ByteBuffer.allocateDirect(image.length);
        direct.put(0, image);
        this.module =
                CudaDriver.loadModule(
                        Pointer.to(direct), Pointer.to(ByteBuffer.allocateDirect(Long.BYTES)));
    }

    /**
     * Finds a kernel.
     *
     * @param name the kernel's name
     * @param sharedBytes dynamic shared memory its launches will ask for
     */
    public Function function(String name, int sharedBytes) {
        CUfunction handle = CudaDriver.function(module, name);
        if (sharedBytes > DEFAULT_SHARED_BYTES) {
            CudaDriver.allowDynamicShared(handle, sharedBytes);
        }
        return new Function(handle);
    }

    /** What a launch may use without opting in. */
    private static final int DEFAULT_SHARED_BYTES = 48 * 1024;

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            CudaDriver.unloadModule(module);
        }
    }
}
