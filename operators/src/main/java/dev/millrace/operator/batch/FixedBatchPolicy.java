package dev.millrace.operator.batch;

/**
 * A fixed size and a fixed linger.
 *
 * @param targetRows rows of a full micro-batch
 * @param lingerNanos longest wait of a micro-batch's first record
 */
public record FixedBatchPolicy(int targetRows, long lingerNanos) implements BatchPolicy {
    public FixedBatchPolicy {
        if (targetRows < 1) {
            throw new IllegalArgumentException("targetRows must be at least 1: " + targetRows);
        }
        if (lingerNanos < 0) {
            throw new IllegalArgumentException("lingerNanos must not be negative: " + lingerNanos);
        }
    }
}
