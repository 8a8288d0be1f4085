package dev.millrace.gpu.onnxruntime;

import ai.onnxruntime.OrtException;
import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.engine.HostMemory;
import dev.millrace.gpu.engine.TensorSpec;
import dev.millrace.gpu.onnxruntime.OrtModel.Rows;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Whether a model with free rows computes what the same model computes one row at a time. */
final class RowAgreement implements AutoCloseable {
    /** More than rounding, far less than a wrong axis: relative to the value, and to 1. */
    private static final double TOLERANCE = 1e-4;

    private final List<HostMemory> memory = new ArrayList<>();

    private RowAgreement() {}

    static boolean holds(OrtModel oneRow, OrtModel freeRows) throws OrtException {
        try (RowAgreement agreement = new RowAgreement()) {
            return agreement.compare(oneRow, freeRows);
        }
    }

    private boolean compare(OrtModel oneRow, OrtModel freeRows) throws OrtException {
        List<TensorSpec> outputs = oneRow.signature().outputs();
        List<ByteBuffer> inputMemory = allocate(oneRow.signature().inputs());
        List<ByteBuffer> single = allocate(outputs);
        List<ByteBuffer> together = allocate(outputs);
        OrtException failure = null;
        for (ProbeRows.Range range : ProbeRows.Range.values()) {
            ProbeRows probe = new ProbeRows(oneRow.signature().inputs(), range);
            for (int row = 0; row < ProbeRows.ORDINARY; row++) {
                probe.write(row, inputMemory, row);
            }
            try {
                for (int row = 0; row < ProbeRows.ORDINARY; row++) {
                    run(oneRow, inputMemory, single, row, 1);
                }
                run(freeRows, inputMemory, together, 0, ProbeRows.ORDINARY);
                return agree(outputs, single, together);
            } catch (OrtException e) {
                failure = e;
            }
        }
        throw failure;
    }

    private List<ByteBuffer> allocate(List<TensorSpec> specs) {
        List<ByteBuffer> buffers = new ArrayList<>();
        for (TensorSpec spec : specs) {
            HostMemory allocated =
                    new HostMemory(Math.multiplyExact(ProbeRows.ORDINARY, spec.rowBytes()));
            memory.add(allocated);
            buffers.add(allocated.buffer());
        }
        return buffers;
    }

    private static void run(
            OrtModel model, List<ByteBuffer> inputs, List<ByteBuffer> outputs, int first, int rows)
            throws OrtException {
        try (Rows bound = model.bind(inputs, outputs, first, rows)) {
            model.run(bound);
        }
    }

    private static boolean agree(
            List<TensorSpec> specs, List<ByteBuffer> single, List<ByteBuffer> together) {
        for (int i = 0; i < specs.size(); i++) {
            ByteBuffer one = single.get(i);
            ByteBuffer all = together.get(i);
            ElementType type = specs.get(i).type();
            for (int at = 0; at < one.capacity(); at += type.bytes()) {
                if (!agree(type, one, all, at)) {
                    return false;
                }
            }
        }
        return true;
    }

    private static boolean agree(ElementType type, ByteBuffer one, ByteBuffer all, int at) {
        if (type == ElementType.FLOAT32) {
            return close(one.getFloat(at), all.getFloat(at));
        }
        if (type == ElementType.FLOAT64) {
            return close(one.getDouble(at), all.getDouble(at));
        }
        for (int i = 0; i < type.bytes(); i++) {
            if (one.get(at + i) != all.get(at + i)) {
                return false;
            }
        }
        return true;
    }

    private static boolean close(double one, double other) {
        if (Double.compare(one, other) == 0) {
            return true;
        }
        return Math.abs(one - other) <= TOLERANCE * Math.max(1, Math.abs(one));
    }

    @Override
    public void close() {
        memory.forEach(HostMemory::close);
    }
}
