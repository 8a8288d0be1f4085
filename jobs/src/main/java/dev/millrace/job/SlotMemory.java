package dev.millrace.job;

import com.sun.management.HotSpotDiagnosticMXBean;
import dev.millrace.gpu.engine.ModelSignature;
import dev.millrace.job.config.PipelineConfig;
import java.lang.management.ManagementFactory;

/**
 * The memory outside the heap that slots take. Flink counts it as task off-heap memory and Java as
 * direct memory: both have a limit, and an engine that meets it cannot be opened.
 *
 * @param slots slots of a task
 * @param rows records of a slot
 * @param rowBytes bytes of a record, inputs and outputs
 */
public record SlotMemory(int slots, int rows, int rowBytes) {
    private static final long MEBIBYTE = 1 << 20;

    static SlotMemory of(PipelineConfig config, ModelSignature signature) {
        return new SlotMemory(
                config.engine().slots(),
                config.batching().maxBatchSize(),
                signature.inputRowBytes() + signature.outputRowBytes());
    }

    /** What one task takes. */
    public long taskBytes() {
        return (long) slots * rows * rowBytes;
    }

    /** What one task takes, rounded up. */
    public long taskMebibytes() {
        return (taskBytes() + MEBIBYTE - 1) / MEBIBYTE;
    }

    /** What this process may allocate outside its heap. */
    public static long limitBytes() {
        HotSpotDiagnosticMXBean options =
                ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        long set = Long.parseLong(options.getVMOption("MaxDirectMemorySize").getValue());
        return set == 0 ? Runtime.getRuntime().maxMemory() : set;
    }

    @Override
    public String toString() {
        return "%d slots of %d records of %d bytes take %d MiB outside the heap of each task"
                .formatted(slots, rows, rowBytes, taskMebibytes());
    }
}
