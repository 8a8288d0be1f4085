package dev.millrace.gpu.cpu;

import dev.millrace.gpu.engine.CompletionListener;
import dev.millrace.gpu.engine.HostMemory;
import dev.millrace.gpu.engine.ModelSignature;
import dev.millrace.gpu.engine.Slot;
import dev.millrace.gpu.engine.TensorSpec;
import dev.millrace.gpu.interpreter.RowBuffers;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** A slot in direct memory. Owned by its engine. */
final class CpuSlot implements Slot, AutoCloseable {
    private final int index;
    private final int capacity;
    private final List<HostMemory> memory = new ArrayList<>();
    private final ByteBuffer[] inputs;
    private final ByteBuffer[] outputs;
    private final RowBuffers buffers;
    private final AtomicBoolean inFlight = new AtomicBoolean();

    /** Of the running submission; written by the owner's thread before it queues the slot. */
    private int rows;

    private CompletionListener listener;

    CpuSlot(int index, int capacity, ModelSignature signature) {
        this.index = index;
        this.capacity = capacity;
        try {
            inputs = allocate(signature.inputs());
            outputs = allocate(signature.outputs());
            buffers = new RowBuffers(inputs, outputs);
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    private ByteBuffer[] allocate(List<TensorSpec> specs) {
        ByteBuffer[] buffers = new ByteBuffer[specs.size()];
        for (int i = 0; i < buffers.length; i++) {
            HostMemory held = new HostMemory(Math.multiplyExact(capacity, specs.get(i).rowBytes()));
            memory.add(held);
            buffers[i] = held.buffer();
        }
        return buffers;
    }

    @Override
    public int index() {
        return index;
    }

    @Override
    public int capacity() {
        return capacity;
    }

    @Override
    public ByteBuffer input(int inputIndex) {
        return inputs[inputIndex];
    }

    @Override
    public ByteBuffer output(int outputIndex) {
        return outputs[outputIndex];
    }

    RowBuffers buffers() {
        return buffers;
    }

    int rows() {
        return rows;
    }

    long bytes() {
        return memory.stream().mapToLong(held -> held.buffer().capacity()).sum();
    }

    /**
     * Owner's thread: takes the slot into flight.
     *
     * @throws IllegalStateException if it is there already
     */
    void depart(int submittedRows, CompletionListener completionListener) {
        if (!inFlight.compareAndSet(false, true)) {
            throw new IllegalStateException("Slot " + index + " is in flight already");
        }
        rows = submittedRows;
        listener = completionListener;
    }

    /** Engine's thread: takes the slot out of flight; it may be submitted again from here on. */
    CompletionListener arrive() {
        CompletionListener completionListener = listener;
        listener = null;
        inFlight.set(false);
        return completionListener;
    }

    @Override
    public void close() {
        memory.forEach(HostMemory::close);
    }
}
