package dev.millrace.gpu.cuda.kernel;

import dev.millrace.gpu.cuda.compiler.KernelSource;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.model.Plan;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * What a device runs to score with one plan: the code, the launches in order, the constants and how
 * much memory each row of intermediates takes. Immutable.
 *
 * <p><b>Parameters.</b> Every kernel takes the same struct by value: the address of the header, of
 * the constants and of the intermediates, the rows that the memory is for, then the address of each
 * input and output.
 *
 * <p><b>Header.</b> Two 32-bit words in front of the first input: the rows to score, and the first
 * row at fault, which starts as {@link #NO_FAULT}.
 *
 * @param buffers number of inputs and outputs
 * @param scratchBytesPerRow device memory for the intermediates of one row
 */
public record KernelProgram(
        KernelSource source,
        List<Launch> launches,
        ConstantTable constants,
        int buffers,
        int scratchBytesPerRow,
        boolean mayFault) {
    /** The header's bytes; what follows it stays aligned. */
    public static final int HEADER_BYTES = 256;

    /** Where in the header the rows are. */
    public static final int ROWS_OFFSET = 0;

    /** Where in the header the first row at fault is. */
    public static final int FAULT_OFFSET = 4;

    /** No row is at fault. */
    public static final int NO_FAULT = Integer.MAX_VALUE;

    private static final int FIXED_ARGUMENTS = 4;

    public KernelProgram {
        launches = List.copyOf(launches);
    }

    /**
     * One kernel's launch.
     *
     * @param kernel its name
     * @param rowsPerUnit rows that a unit of work has
     * @param threadsPerUnit threads that a unit keeps busy
     * @param mostBlocks beyond this many blocks each takes several units
     */
    public record Launch(
            String kernel,
            int threads,
            int sharedBytes,
            int rowsPerUnit,
            long threadsPerUnit,
            int mostBlocks) {
        /** Blocks to launch for up to so many rows. */
        public int blocks(int rows) {
            long units = (rows + rowsPerUnit - 1L) / rowsPerUnit;
            long blocks = (units * threadsPerUnit + threads - 1) / threads;
            return (int) Math.max(1, Math.min(blocks, mostBlocks));
        }
    }

    /**
     * Generates a plan's program for a device.
     *
     * @throws EngineException of kind MODEL if a step does not fit on the device
     */
    public static KernelProgram of(Plan plan, DeviceShape device) throws EngineException {
        return new ProgramWriter(plan, device).write();
    }

    /** Size of the parameter struct. */
    public int argumentBytes() {
        return Long.BYTES * (FIXED_ARGUMENTS + buffers);
    }

    /**
     * Writes the parameter struct.
     *
     * @param limitRows the rows that the memory is for
     * @param addresses of the inputs, then of the outputs
     */
    public void putArguments(
            ByteBuffer to,
            int at,
            long header,
            long constantsAddress,
            long scratch,
            long limitRows,
            long[] addresses) {
        to.putLong(at, header)
                .putLong(at + 8, constantsAddress)
                .putLong(at + 16, scratch)
                .putLong(at + 24, limitRows);
        for (int buffer = 0; buffer < buffers; buffer++) {
            to.putLong(at + Long.BYTES * (FIXED_ARGUMENTS + buffer), addresses[buffer]);
        }
    }
}
