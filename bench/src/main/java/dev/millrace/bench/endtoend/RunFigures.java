package dev.millrace.bench.endtoend;

import dev.millrace.bench.subject.StackProfile;
import dev.millrace.bench.subject.Usage;
import dev.millrace.bench.subject.Usage.ThreadGroupName;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What one run showed in its window.
 *
 * @param processed records written in the whole run
 * @param records written in the window
 * @param seconds the window's length
 * @param usage of the subject's process in the window
 * @param brokerCpuNanos of the broker's process
 * @param otherCores kept busy by others
 */
record RunFigures(
        long processed,
        long records,
        double seconds,
        Usage usage,
        long brokerCpuNanos,
        OptionalDouble otherCores,
        Optional<StackProfile.Result> profile) {

    double recordsPerSecond() {
        return records / seconds;
    }

    /** CPU time of the subject's process for a record, microseconds. */
    double cpuMicros() {
        return usage.processCpuNanos() / 1e3 / records;
    }

    /** CPU time of subject and broker for a record, microseconds. */
    double cpuMicrosWithBroker() {
        return (usage.processCpuNanos() + brokerCpuNanos) / 1e3 / records;
    }

    double allocatedBytes() {
        return (double) usage.allocatedBytes() / records;
    }

    double cpuMicros(ThreadGroupName group) {
        return usage.of(group).cpuNanos() / 1e3 / records;
    }

    double allocatedBytes(ThreadGroupName group) {
        return (double) usage.of(group).allocatedBytes() / records;
    }
}
