package dev.millrace.bench.subject;

import java.util.Map;
import java.util.TreeMap;

/**
 * What a process has used since it started, at one moment; or, as a difference, between two.
 *
 * @param processCpuNanos of all threads, also those of the JVM itself
 * @param groups by kind of thread
 */
public record Usage(long processCpuNanos, Map<ThreadGroupName, Amount> groups) {

    /** What threads of one kind have used. */
    public record Amount(long cpuNanos, long allocatedBytes) {
        static final Amount NONE = new Amount(0, 0);

        Amount plus(Amount other) {
            return new Amount(cpuNanos + other.cpuNanos, allocatedBytes + other.allocatedBytes);
        }

        Amount minus(Amount other) {
            return new Amount(cpuNanos - other.cpuNanos, allocatedBytes - other.allocatedBytes);
        }
    }

    /** Kinds of threads. */
    public enum ThreadGroupName {
        /** Flink's task thread, or the loop of a subject without Flink. */
        TASK,
        /** The source's fetcher. */
        FETCHER,
        /** Threads that score. */
        ENGINE,
        /** Kafka's producer network threads. */
        PRODUCER,
        /** All other Java threads. */
        OTHER,
        /** Compiler, garbage collector and other threads without Java. */
        JVM;

        static ThreadGroupName of(String thread) {
            if (thread.startsWith("Source Data Fetcher")) {
                return FETCHER;
            }
            if (thread.startsWith("Source: ") || thread.equals(RawLoop.THREAD)) {
                return TASK;
            }
            if (thread.startsWith("kafka-producer-network-thread")) {
                return PRODUCER;
            }
            if (thread.startsWith("millrace-") || thread.equals(NaiveAsyncJob.THREAD)) {
                return ENGINE;
            }
            return OTHER;
        }
    }

    public Amount of(ThreadGroupName group) {
        return groups.getOrDefault(group, Amount.NONE);
    }

    /** What was used between an earlier moment and this one. */
    public Usage since(Usage earlier) {
        Map<ThreadGroupName, Amount> difference = new TreeMap<>();
        for (ThreadGroupName group : ThreadGroupName.values()) {
            difference.put(group, of(group).minus(earlier.of(group)));
        }
        return new Usage(processCpuNanos - earlier.processCpuNanos, difference);
    }

    /** Bytes allocated by all Java threads. */
    public long allocatedBytes() {
        return groups.values().stream().mapToLong(Amount::allocatedBytes).sum();
    }
}
