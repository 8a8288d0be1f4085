package dev.millrace.gpu.cuda;

import dev.millrace.gpu.cuda.kernel.KernelProgram;
import dev.millrace.gpu.engine.ModelSignature;
import dev.millrace.gpu.engine.TensorSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a slot's tensors lie in its block of device memory: header, inputs, outputs, intermediates.
 *
 * @param limitRows rows that the memory is for
 * @param offsets of the inputs, then of the outputs; the header is right in front of the first
 * @param scratchOffset of the intermediates
 * @param bytes size of the whole block
 */
record DeviceLayout(int limitRows, List<Long> offsets, long scratchOffset, long bytes) {
    private static final long ALIGNMENT = 256;

    DeviceLayout {
        offsets = List.copyOf(offsets);
    }

    static DeviceLayout of(ModelSignature signature, KernelProgram program, int limitRows) {
        List<Long> offsets = new ArrayList<>();
        long end = KernelProgram.HEADER_BYTES;
        for (TensorSpec spec : signature.inputs()) {
            offsets.add(end);
            end = aligned(end + (long) limitRows * spec.rowBytes());
        }
        for (TensorSpec spec : signature.outputs()) {
            offsets.add(end);
            end = aligned(end + (long) limitRows * spec.rowBytes());
        }
        long bytes = end + (long) limitRows * program.scratchBytesPerRow();
        return new DeviceLayout(limitRows, offsets, end, aligned(bytes));
    }

    private static long aligned(long offset) {
        return (offset + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }
}
