package dev.millrace.gpu.onnxruntime;

import ai.onnxruntime.OrtException;
import dev.millrace.gpu.engine.Exactness;
import dev.millrace.gpu.engine.HostMemory;
import dev.millrace.gpu.engine.TensorSpec;
import dev.millrace.gpu.onnxruntime.OrtModel.Rows;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Looks for shapes between which a model's bits do not change: whatever shape a row is computed in,
 * wherever in it and next to whichever rows. Evidence, not proof: invented rows are tried in every
 * shape in two orders.
 */
final class ExactnessProbe implements AutoCloseable {
    /**
     * More rows at once gain nothing on a CPU. From the engine benchmark: 1024 is the best size.
     */
    static final int MAX_SHAPE = 1024;

    /** Rows of a kernel's inner block; below it ONNX Runtime's kernels treat rows one by one. */
    private static final int BLOCK = 16;

    /** What opening a model may take to probe it. */
    private static final long BUDGET_NANOS = 1_000_000_000L;

    private final OrtModel model;
    private final ProbeRows rows;
    private final List<HostMemory> memory = new ArrayList<>();
    private final List<ByteBuffer> inputs = new ArrayList<>();
    private final List<ByteBuffer> outputs = new ArrayList<>();
    private byte[][] reference = new byte[ProbeRows.COUNT][];

    private ExactnessProbe(OrtModel model, ProbeRows.Range range, int maxRows) {
        this.model = model;
        this.rows = new ProbeRows(model.signature().inputs(), range);
        allocate(model.signature().inputs(), maxRows, inputs);
        allocate(model.signature().outputs(), maxRows, outputs);
    }

    private void allocate(List<TensorSpec> specs, int maxRows, List<ByteBuffer> buffers) {
        for (TensorSpec spec : specs) {
            HostMemory allocated = new HostMemory(Math.multiplyExact(maxRows, spec.rowBytes()));
            memory.add(allocated);
            buffers.add(allocated.buffer());
        }
    }

    /**
     * Chooses the shapes to run a model in.
     *
     * @param maxRows the most rows of a submission; 1 where the model takes one row at a time
     * @throws OrtException if the model does not run on any of the invented rows
     */
    static BatchShapes choose(OrtModel model, int maxRows) throws OrtException {
        int largest = largestShape(maxRows);
        OrtException failure = null;
        for (ProbeRows.Range range : ProbeRows.Range.values()) {
            try (ExactnessProbe probe = new ExactnessProbe(model, range, largest)) {
                return probe.choose(largest);
            } catch (OrtException e) {
                failure = e;
            }
        }
        throw failure;
    }

    private static int largestShape(int capacity) {
        if (capacity <= BLOCK) {
            return capacity;
        }
        return Math.min(MAX_SHAPE, (capacity + BLOCK - 1) / BLOCK * BLOCK);
    }

    private BatchShapes choose(int largest) throws OrtException {
        if (largest > BLOCK) {
            BatchShapes several = several(largest);
            if (several.exactness() != Exactness.NONE) {
                return several;
            }
        }
        reference = new byte[ProbeRows.COUNT][];
        int differing = differingRows(largest, 0) + differingRows(largest, 7);
        differing += differingRows(largest, 12);
        if (differing == 0) {
            return new BatchShapes(
                    List.of(largest),
                    true,
                    Exactness.DEVICE,
                    "rows kept their bits in any order when padded to %d rows".formatted(largest));
        }
        return new BatchShapes(
                List.of(largest),
                false,
                Exactness.NONE,
                "a row's bits changed with its neighbours or its place (%d of %d tries at %d rows)"
                        .formatted(differing, 3 * largest, largest));
    }

    /** Shapes from one block up; as many as can be tried in the time there is. */
    private BatchShapes several(int largest) throws OrtException {
        List<Integer> tried = new ArrayList<>();
        long start = System.nanoTime();
        for (int shape = BLOCK; shape <= largest; shape = next(shape, largest)) {
            for (int order = 0; order < 2; order++) {
                int differing = differingRows(shape, order * 11);
                if (differing > 0) {
                    return new BatchShapes(
                            List.of(shape), false, Exactness.NONE, differing + " rows differ");
                }
            }
            tried.add(shape);
            if (System.nanoTime() - start > BUDGET_NANOS) {
                break;
            }
        }
        return new BatchShapes(
                tried,
                true,
                Exactness.DEVICE,
                "rows kept their bits in any order when padded to %d shapes from %d to %d rows"
                        .formatted(tried.size(), tried.get(0), tried.get(tried.size() - 1)));
    }

    /** Steps of a quarter octave, whole blocks, so that padding stays under a quarter. */
    private static int next(int shape, int largest) {
        if (shape == largest) {
            return largest + 1;
        }
        int step = Math.max(BLOCK, Integer.highestOneBit(shape - 1) / 4);
        return Math.min(largest, shape + step);
    }

    /** Runs the rows in one shape, shifted, and counts those whose outputs are not as before. */
    private int differingRows(int shape, int shift) throws OrtException {
        for (int row = 0; row < shape; row++) {
            rows.write(probeAt(row, shift), inputs, row);
        }
        try (Rows bound = model.bind(inputs, outputs, 0, shape)) {
            model.run(bound);
        }
        int differing = 0;
        for (int row = 0; row < shape; row++) {
            int probe = probeAt(row, shift);
            if (probe < ProbeRows.ORDINARY && !matchesReference(probe, row)) {
                differing++;
            }
        }
        return differing;
    }

    /**
     * Every third place is shifted further, so that neighbours change as well as places. Unshifted,
     * no row is hostile: hostile rows could make every row of a mixing model the same NaN.
     */
    private static int probeAt(int row, int shift) {
        int count = shift == 0 ? ProbeRows.ORDINARY : ProbeRows.COUNT;
        return (row + shift * (1 + row % 3)) % count;
    }

    private boolean matchesReference(int probe, int row) {
        byte[] bits = new byte[model.signature().outputRowBytes()];
        int offset = 0;
        for (int i = 0; i < outputs.size(); i++) {
            int rowBytes = model.signature().outputs().get(i).rowBytes();
            outputs.get(i).get(row * rowBytes, bits, offset, rowBytes);
            offset += rowBytes;
        }
        if (reference[probe] == null) {
            reference[probe] = bits;
        }
        return Arrays.equals(reference[probe], bits);
    }

    @Override
    public void close() {
        memory.forEach(HostMemory::close);
    }
}
