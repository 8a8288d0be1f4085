package dev.millrace.gpu.onnxruntime;

import ai.onnxruntime.OrtException;
import dev.millrace.gpu.engine.CompletionListener;
import dev.millrace.gpu.engine.HostMemory;
import dev.millrace.gpu.engine.ModelSignature;
import dev.millrace.gpu.engine.Slot;
import dev.millrace.gpu.engine.TensorSpec;
import dev.millrace.gpu.onnxruntime.OrtModel.Rows;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A slot in direct memory, with tensors of its whole blocks made in advance.
 *
 * <p>Its memory can have more rows than callers see, so that a partial micro-batch can be scored in
 * a larger shape.
 */
final class OnnxRuntimeSlot implements Slot, AutoCloseable {
    private final int index;
    private final int capacity;
    private final List<HostMemory> memory = new ArrayList<>();
    private final List<ByteBuffer> inputs = new ArrayList<>();
    private final List<ByteBuffer> outputs = new ArrayList<>();
    private final List<ByteBuffer> visibleInputs = new ArrayList<>();
    private final List<ByteBuffer> visibleOutputs = new ArrayList<>();
    private final List<Rows> wholeBlocks = new ArrayList<>();
    private final AtomicBoolean inFlight = new AtomicBoolean();

    private int rows;
    private CompletionListener listener;

    OnnxRuntimeSlot(int index, int capacity, OrtModel model, BatchShapes shapes)
            throws OrtException {
        this.index = index;
        this.capacity = capacity;
        try {
            int memoryRows = shapes.memoryRows(capacity);
            ModelSignature signature = model.signature();
            allocate(signature.inputs(), memoryRows, inputs, visibleInputs);
            allocate(signature.outputs(), memoryRows, outputs, visibleOutputs);
            int block = shapes.largest();
            for (int first = 0; first + block <= memoryRows; first += block) {
                wholeBlocks.add(model.bind(inputs, outputs, first, block));
            }
        } catch (OrtException | RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    private void allocate(
            List<TensorSpec> specs, int rows, List<ByteBuffer> whole, List<ByteBuffer> visible) {
        for (TensorSpec spec : specs) {
            HostMemory allocated = new HostMemory(Math.multiplyExact(rows, spec.rowBytes()));
            memory.add(allocated);
            whole.add(allocated.buffer());
            visible.add(
                    allocated
                            .buffer()
                            .slice(0, capacity * spec.rowBytes())
                            .order(ByteOrder.nativeOrder()));
        }
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
        return visibleInputs.get(inputIndex);
    }

    @Override
    public ByteBuffer output(int outputIndex) {
        return visibleOutputs.get(outputIndex);
    }

    /** All memory of the inputs, the rows beyond the capacity included. */
    List<ByteBuffer> inputs() {
        return inputs;
    }

    /** All memory of the outputs, the rows beyond the capacity included. */
    List<ByteBuffer> outputs() {
        return outputs;
    }

    /** The tensors of a block of the largest shape, made in advance. */
    Rows wholeBlock(int block) {
        return wholeBlocks.get(block);
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

    /** Takes the slot out of flight; it may be submitted again from here on. */
    CompletionListener arrive() {
        CompletionListener completionListener = listener;
        listener = null;
        inFlight.set(false);
        return completionListener;
    }

    /** Rows of the running submission. */
    int rows() {
        return rows;
    }

    /** Bytes of memory held. */
    long bytes() {
        return memory.stream().mapToLong(held -> held.buffer().capacity()).sum();
    }

    @Override
    public void close() {
        wholeBlocks.forEach(Rows::close);
        wholeBlocks.clear();
        memory.forEach(HostMemory::close);
    }
}
