package dev.millrace.gpu.onnxruntime;

import ai.onnxruntime.OrtException;
import dev.millrace.gpu.engine.HostMemory;
import dev.millrace.gpu.engine.TensorSpec;
import dev.millrace.gpu.onnxruntime.OrtModel.Rows;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Scores a slot block by block. The engine's thread only.
 *
 * <p>A remainder is padded with whatever lies behind it in the slot's memory: rows of earlier
 * micro-batches. Should these be what makes the model fail, the remainder is scored again in memory
 * of this runner, padded with copies of its own first row.
 */
final class BlockRunner implements AutoCloseable {
    private final OrtModel model;
    private final BatchShapes shapes;
    private final List<HostMemory> memory = new ArrayList<>();
    private final List<ByteBuffer> inputs = new ArrayList<>();
    private final List<ByteBuffer> outputs = new ArrayList<>();

    BlockRunner(OrtModel model, BatchShapes shapes) {
        this.model = model;
        this.shapes = shapes;
        if (!shapes.padded()) {
            return;
        }
        try {
            allocate(model.signature().inputs(), inputs);
            allocate(model.signature().outputs(), outputs);
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    private void allocate(List<TensorSpec> specs, List<ByteBuffer> buffers) {
        for (TensorSpec spec : specs) {
            HostMemory allocated =
                    new HostMemory(Math.multiplyExact(shapes.largest(), spec.rowBytes()));
            memory.add(allocated);
            buffers.add(allocated.buffer());
        }
    }

    /** Scores the submitted rows of a slot. */
    void run(OnnxRuntimeSlot slot) throws OrtException {
        int block = shapes.largest();
        int wholeBlocks = slot.rows() / block;
        for (int index = 0; index < wholeBlocks; index++) {
            model.run(slot.wholeBlock(index));
        }
        int remainder = slot.rows() % block;
        if (remainder > 0) {
            runRemainder(slot, wholeBlocks * block, remainder);
        }
    }

    private void runRemainder(OnnxRuntimeSlot slot, int firstRow, int rows) throws OrtException {
        int shape = shapes.shapeFor(rows);
        try (Rows bound = model.bind(slot.inputs(), slot.outputs(), firstRow, shape)) {
            model.run(bound);
        } catch (OrtException e) {
            if (shape == rows) {
                throw e;
            }
            runApart(slot, firstRow, rows, shape);
        }
    }

    private void runApart(OnnxRuntimeSlot slot, int firstRow, int rows, int shape)
            throws OrtException {
        List<TensorSpec> inputSpecs = model.signature().inputs();
        for (int i = 0; i < inputs.size(); i++) {
            int rowBytes = inputSpecs.get(i).rowBytes();
            ByteBuffer source = slot.inputs().get(i);
            inputs.get(i).put(0, source, firstRow * rowBytes, rows * rowBytes);
            for (int row = rows; row < shape; row++) {
                inputs.get(i).put(row * rowBytes, source, firstRow * rowBytes, rowBytes);
            }
        }
        try (Rows bound = model.bind(inputs, outputs, 0, shape)) {
            model.run(bound);
        }
        List<TensorSpec> outputSpecs = model.signature().outputs();
        for (int i = 0; i < outputs.size(); i++) {
            int rowBytes = outputSpecs.get(i).rowBytes();
            slot.outputs().get(i).put(firstRow * rowBytes, outputs.get(i), 0, rows * rowBytes);
        }
    }

    long bytes() {
        return memory.stream().mapToLong(held -> held.buffer().capacity()).sum();
    }

    @Override
    public void close() {
        memory.forEach(HostMemory::close);
    }
}
