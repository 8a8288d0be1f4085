package dev.millrace.gpu.cuda;

import dev.millrace.gpu.cuda.driver.CudaEvent;
import dev.millrace.gpu.cuda.driver.CudaGraph;
import dev.millrace.gpu.cuda.driver.CudaStream;
import dev.millrace.gpu.cuda.driver.DeviceMemory;
import dev.millrace.gpu.cuda.kernel.KernelProgram;
import dev.millrace.gpu.engine.ModelSignature;
import java.util.ArrayList;
import java.util.List;

/**
 * What a slot has on the device: its stream, its memory and the graphs captured for each size
 * class. Engine's thread only.
 */
final class SlotDevice implements AutoCloseable {
    private static final int EVENTS = 4;

    private final LoadedProgram loaded;
    private final ModelSignature signature;
    private final HostBuffers host;
    private final Closing closing = new Closing();
    private final CudaStream stream;
    private final CudaEvent done;
    private final CudaEvent[] times = new CudaEvent[EVENTS];

    private DeviceLayout layout;
    private DeviceMemory memory;
    private SizeClasses classes;
    private final List<CudaGraph> graphs = new ArrayList<>();

    SlotDevice(LoadedProgram loaded, ModelSignature signature, HostBuffers host) {
        this.loaded = loaded;
        this.signature = signature;
        this.host = host;
        try {
            stream = closing.add(new CudaStream());
            done = closing.add(CudaEvent.forCompletion());
            for (int i = 0; i < EVENTS; i++) {
                times[i] = closing.add(CudaEvent.forTiming());
            }
        } catch (RuntimeException e) {
            closing.closeAfter(e);
            throw e;
        }
    }

    /** Rows that the device memory is for; 0 before there is any. */
    int limitRows() {
        return layout == null ? 0 : layout.limitRows();
    }

    long deviceBytes() {
        return memory == null ? 0 : memory.bytes();
    }

    /**
     * Takes memory for so many rows in place of what there is. Nothing may be in flight. If that
     * fails there is none, but for a failure to grow, which changes nothing.
     */
    void resize(int limitRows) {
        DeviceLayout wanted = DeviceLayout.of(signature, loaded.program(), limitRows);
        if (limitRows > limitRows()) {
            DeviceMemory larger = new DeviceMemory(wanted.bytes());
            freeMemory();
            memory = larger;
        } else {
            freeMemory();
            memory = new DeviceMemory(wanted.bytes());
        }
        layout = wanted;
        try {
            writeArguments();
            capture();
        } catch (RuntimeException e) {
            freeMemory();
            throw e;
        }
    }

    private void capture() {
        classes = new SizeClasses(layout.limitRows());
        for (int index = 0; index < classes.count(); index++) {
            int rows = classes.rows(index);
            graphs.add(stream.capture(() -> pipeline(0, rows, false)));
        }
    }

    void freeMemory() {
        for (CudaGraph graph : graphs) {
            graph.close();
        }
        graphs.clear();
        layout = null;
        if (memory != null) {
            memory.close();
            memory = null;
        }
    }

    private void writeArguments() {
        long[] addresses = new long[loaded.program().buffers()];
        for (int tensor = 0; tensor < addresses.length; tensor++) {
            addresses[tensor] = memory.address() + layout.offsets().get(tensor);
        }
        loaded.program()
                .putArguments(
                        host.control(),
                        HostBuffers.ARGUMENTS_OFFSET,
                        memory.address(),
                        loaded.constantsAddress(),
                        memory.address() + layout.scratchOffset(),
                        layout.limitRows(),
                        addresses);
    }

    /**
     * Sends rows to the device, scores them and fetches the scores. Returns at once.
     *
     * @param rows at most {@link #limitRows()}
     * @param timed whether to take the times of copies and kernels, see {@link #nanos}
     */
    void issue(int firstRow, int rows, boolean timed) {
        host.control()
                .putInt(host.headerOffset() + KernelProgram.ROWS_OFFSET, rows)
                .putInt(host.headerOffset() + KernelProgram.FAULT_OFFSET, KernelProgram.NO_FAULT);
        if (timed || firstRow > 0) {
            pipeline(firstRow, rows, timed);
        } else {
            stream.launch(graphs.get(classes.indexFor(rows)));
        }
        mark();
    }

    /** Asks {@link #isDone} after all that was issued up to here. */
    void mark() {
        stream.record(done);
    }

    private void pipeline(int firstRow, int rows, boolean timed) {
        markTime(timed, 0);
        int inputs = signature.inputs().size();
        copyHeaderAndFirstInput(firstRow, rows);
        for (int input = 1; input < inputs; input++) {
            copyIn(input, firstRow, rows);
        }
        markTime(timed, 1);
        for (int number = 0; number < loaded.program().launches().size(); number++) {
            KernelProgram.Launch launch = loaded.program().launches().get(number);
            stream.launch(
                    loaded.function(number),
                    launch.blocks(rows),
                    launch.threads(),
                    launch.sharedBytes(),
                    host.front(),
                    0);
        }
        markTime(timed, 2);
        for (int tensor = inputs; tensor < loaded.program().buffers(); tensor++) {
            copyOut(tensor, firstRow, rows);
        }
        if (loaded.program().mayFault()) {
            stream.copyToHost(
                    host.front(),
                    host.headerOffset() + KernelProgram.FAULT_OFFSET,
                    memory,
                    KernelProgram.FAULT_OFFSET,
                    Integer.BYTES);
        }
        markTime(timed, 3);
    }

    private void markTime(boolean timed, int event) {
        if (timed) {
            stream.record(times[event]);
        }
    }

    /** One copy: the header lies in front of the first input on both sides. */
    private void copyHeaderAndFirstInput(int firstRow, int rows) {
        boolean together = firstRow == 0 && !signature.inputs().isEmpty();
        long bytes = KernelProgram.HEADER_BYTES + (together ? (long) rows * host.rowBytes(0) : 0);
        stream.copyToDevice(memory, 0, host.front(), host.headerOffset(), bytes);
        if (!together && !signature.inputs().isEmpty()) {
            copyIn(0, firstRow, rows);
        }
    }

    private void copyIn(int tensor, int firstRow, int rows) {
        long bytes = (long) rows * host.rowBytes(tensor);
        if (bytes > 0) {
            stream.copyToDevice(
                    memory,
                    layout.offsets().get(tensor),
                    host.tensor(tensor),
                    host.offset(tensor) + (long) firstRow * host.rowBytes(tensor),
                    bytes);
        }
    }

    private void copyOut(int tensor, int firstRow, int rows) {
        long bytes = (long) rows * host.rowBytes(tensor);
        if (bytes > 0) {
            stream.copyToHost(
                    host.tensor(tensor),
                    host.offset(tensor) + (long) firstRow * host.rowBytes(tensor),
                    memory,
                    layout.offsets().get(tensor),
                    bytes);
        }
    }

    /** Whether all that was issued is done. Throws the device's error if there was one. */
    boolean isDone() {
        return done.isReached();
    }

    /** The first row at fault of what was issued last, counted from its first row; or -1. */
    int fault() {
        int row = host.control().getInt(host.headerOffset() + KernelProgram.FAULT_OFFSET);
        return row == KernelProgram.NO_FAULT ? -1 : row;
    }

    /**
     * Time of a stage of what was issued last, if that was timed.
     *
     * @param stage 0 for H2D, 1 for kernels, 2 for D2H
     */
    long nanos(int stage) {
        return times[stage].nanosUntil(times[stage + 1]);
    }

    @Override
    public void close() {
        freeMemory();
        closing.close();
    }
}
