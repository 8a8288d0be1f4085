package dev.millrace.bench.subject;

/**
 * One run of a subject.
 *
 * @param inputTopic one partition of the workload's records
 * @param outputTopic as many partitions, empty
 * @param fromEnd start with the records that come, not with those that are there
 * @param checkpointMs between two checkpoints of a Flink job
 * @param targetLatencyMs {@code batching.target-latency}; 0 for none
 */
public record RunSpec(
        String inputTopic,
        String outputTopic,
        boolean fromEnd,
        long checkpointMs,
        long targetLatencyMs) {}
