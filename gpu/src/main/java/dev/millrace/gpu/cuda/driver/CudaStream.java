package dev.millrace.gpu.cuda.driver;

import jcuda.driver.CUgraph;
import jcuda.driver.CUstream;

/** A queue of device work, done in order and beside other streams. One thread at a time. */
public final class CudaStream implements AutoCloseable {
    private final CUstream stream = CudaDriver.createStream();
    private boolean closed;

    public void copyToDevice(
            DeviceMemory to, long toOffset, PinnedMemory from, long fromOffset, long bytes) {
        CudaDriver.copyToDevice(to.at(toOffset), from.at(fromOffset), bytes, stream);
    }

    public void copyToHost(
            PinnedMemory to, long toOffset, DeviceMemory from, long fromOffset, long bytes) {
        CudaDriver.copyToHost(to.at(toOffset), from.at(fromOffset), bytes, stream);
    }

    /**
     * Launches a kernel over a row of blocks.
     *
     * @param parameters where in pinned memory the kernel's parameters lie: one pointer each, to
     *     its value; read during this call
     */
    public void launch(
            CudaModule.Function function,
            int blocks,
            int threads,
            int sharedBytes,
            PinnedMemory parameters,
            long parametersOffset) {
        CudaDriver.launch(
                function.handle(),
                blocks,
                threads,
                sharedBytes,
                stream,
                parameters.at(parametersOffset));
    }

    public void launch(CudaGraph graph) {
        CudaDriver.launchGraph(graph.handle(), stream);
    }

    public void record(CudaEvent event) {
        CudaDriver.record(event.handle(), stream);
    }

    /** Records what {@code work} issues to this stream instead of doing it. */
    public CudaGraph capture(Runnable work) {
        CudaDriver.beginCapture(stream);
        CUgraph graph;
        try {
            work.run();
        } catch (RuntimeException e) {
            abandonCapture(e);
            throw e;
        }
        graph = CudaDriver.endCapture(stream);
        return new CudaGraph(graph);
    }

    private void abandonCapture(RuntimeException cause) {
        try {
            CudaDriver.destroyGraph(CudaDriver.endCapture(stream));
        } catch (CudaException e) {
            cause.addSuppressed(e);
        }
    }

    /** Waits until all work is done. */
    public void synchronise() {
        CudaDriver.synchronise(stream);
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            CudaDriver.destroyStream(stream);
        }
    }
}
