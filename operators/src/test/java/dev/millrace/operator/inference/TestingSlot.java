package dev.millrace.operator.inference;

import dev.millrace.gpu.engine.Slot;
import dev.millrace.gpu.engine.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** A slot over plain direct memory. */
public record TestingSlot(
        int index, int capacity, List<ByteBuffer> inputs, List<ByteBuffer> outputs)
        implements Slot {
    public static TestingSlot allocate(
            int index, int capacity, List<TensorSpec> inputs, List<TensorSpec> outputs) {
        return new TestingSlot(
                index, capacity, buffers(inputs, capacity), buffers(outputs, capacity));
    }

    private static List<ByteBuffer> buffers(List<TensorSpec> specs, int capacity) {
        return specs.stream()
                .map(spec -> ByteBuffer.allocateDirect(capacity * spec.rowBytes()))
                .map(buffer -> buffer.order(ByteOrder.nativeOrder()))
                .toList();
    }

    @Override
    public ByteBuffer input(int inputIndex) {
        return inputs.get(inputIndex);
    }

    @Override
    public ByteBuffer output(int outputIndex) {
        return outputs.get(outputIndex);
    }
}
