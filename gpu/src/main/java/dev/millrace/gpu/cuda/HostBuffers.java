package dev.millrace.gpu.cuda;

import dev.millrace.gpu.cuda.driver.PinnedMemory;
import dev.millrace.gpu.cuda.kernel.KernelProgram;
import dev.millrace.gpu.engine.ModelSignature;
import dev.millrace.gpu.engine.TensorSpec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A slot's page-locked memory: kernel parameters, the header with the first input behind it, the
 * other inputs and the outputs. Allocated and freed on the engine's thread.
 */
final class HostBuffers implements AutoCloseable {
    private static final int ALIGNMENT = 256;

    /** Kernel parameters: a pointer to the struct, then the struct. */
    static final int ARGUMENTS_OFFSET = 16;

    private final List<PinnedMemory> memory = new ArrayList<>();
    private final PinnedMemory[] tensors;
    private final int[] rowBytes;
    private final int firstTensorOffset;
    private final ByteBuffer control;
    private final int headerOffset;

    HostBuffers(ModelSignature signature, KernelProgram program, int capacity) {
        List<TensorSpec> specs = new ArrayList<>(signature.inputs());
        specs.addAll(signature.outputs());
        tensors = new PinnedMemory[specs.size()];
        rowBytes = specs.stream().mapToInt(TensorSpec::rowBytes).toArray();
        headerOffset = aligned(ARGUMENTS_OFFSET + program.argumentBytes());
        firstTensorOffset = headerOffset + KernelProgram.HEADER_BYTES;
        try {
            boolean inputs = !signature.inputs().isEmpty();
            long first = inputs ? (long) capacity * rowBytes[0] : 0;
            PinnedMemory front = allocate(firstTensorOffset + first);
            for (int tensor = 0; tensor < tensors.length; tensor++) {
                tensors[tensor] =
                        tensor == 0 && inputs
                                ? front
                                : allocate(Math.max(1, (long) capacity * rowBytes[tensor]));
            }
            control = front.view(0, firstTensorOffset);
            control.putLong(0, front.address() + ARGUMENTS_OFFSET);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
        firstIsBehindHeader = !signature.inputs().isEmpty();
    }

    private final boolean firstIsBehindHeader;

    private PinnedMemory allocate(long bytes) {
        PinnedMemory allocated = new PinnedMemory(bytes);
        memory.add(allocated);
        return allocated;
    }

    private static int aligned(int bytes) {
        return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    /** The memory that holds parameters, header and the first input. */
    PinnedMemory front() {
        return memory.get(0);
    }

    /** Parameters and header, by absolute position in {@link #front()}. */
    ByteBuffer control() {
        return control;
    }

    int headerOffset() {
        return headerOffset;
    }

    /** The memory of a tensor: inputs first, then outputs. */
    PinnedMemory tensor(int tensor) {
        return tensors[tensor];
    }

    /** Where in its memory a tensor starts. */
    long offset(int tensor) {
        return tensor == 0 && firstIsBehindHeader ? firstTensorOffset : 0;
    }

    int rowBytes(int tensor) {
        return rowBytes[tensor];
    }

    /** The rows of a tensor. */
    ByteBuffer view(int tensor, int capacity) {
        return tensors[tensor].view((int) offset(tensor), capacity * rowBytes[tensor]);
    }

    long bytes() {
        return memory.stream().mapToLong(PinnedMemory::bytes).sum();
    }

    @Override
    public void close() {
        for (int i = memory.size() - 1; i >= 0; i--) {
            memory.get(i).close();
        }
    }
}
