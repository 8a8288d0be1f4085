package dev.millrace.gpu.cuda.driver;

import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;

/** Work recorded once from a stream, launched as one call. */
public final class CudaGraph implements AutoCloseable {
    private final CUgraphExec executable;
    private boolean closed;

    CudaGraph(CUgraph graph) {
        try {
            this.executable = CudaDriver.instantiate(graph);
        } finally {
            CudaDriver.destroyGraph(graph);
        }
    }

    CUgraphExec handle() {
        return executable;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            CudaDriver.destroyExecutable(executable);
        }
    }
}
