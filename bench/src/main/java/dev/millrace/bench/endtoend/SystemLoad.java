package dev.millrace.bench.endtoend;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalDouble;

/**
 * CPU time at one moment: of the whole machine, where Linux tells it, and of the broker.
 *
 * @param atNanos {@link System#nanoTime()}
 * @param machineNanos negative where nothing tells it
 */
record SystemLoad(long atNanos, long machineNanos, long brokerNanos, long driverNanos) {
    private static final Path STAT = Path.of("/proc/stat");
    private static final long NANOS_A_TICK = 10_000_000;

    /** Columns of the machine's line: user, nice, system, interrupts, soft interrupts. */
    private static final int[] BUSY = {1, 2, 3, 6, 7};

    static SystemLoad now(long brokerPid) throws IOException {
        return new SystemLoad(
                System.nanoTime(),
                machineCpuNanos(),
                cpu(ProcessHandle.of(brokerPid).orElseThrow()),
                cpu(ProcessHandle.current()));
    }

    private static long cpu(ProcessHandle process) {
        return process.info().totalCpuDuration().orElse(Duration.ZERO).toNanos();
    }

    private static long machineCpuNanos() throws IOException {
        if (!Files.isReadable(STAT)) {
            return -1;
        }
        try (var lines = Files.lines(STAT)) {
            String[] columns = lines.findFirst().orElseThrow().split(" +", -1);
            long ticks = 0;
            for (int column : BUSY) {
                ticks += Long.parseLong(columns[column]);
            }
            return ticks * NANOS_A_TICK;
        }
    }

    /** Cores that others kept busy between an earlier moment and this one. */
    OptionalDouble otherCores(SystemLoad earlier, long subjectNanos) {
        if (machineNanos < 0) {
            return OptionalDouble.empty();
        }
        long ours =
                subjectNanos
                        + (brokerNanos - earlier.brokerNanos)
                        + (driverNanos - earlier.driverNanos);
        double others = machineNanos - earlier.machineNanos - ours;
        return OptionalDouble.of(Math.max(0, others / (atNanos - earlier.atNanos)));
    }
}
