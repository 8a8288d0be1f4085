package dev.millrace.operator.inference;

import dev.millrace.operator.batch.AdaptiveBatchPolicy;
import dev.millrace.operator.batch.BatchPolicy;
import dev.millrace.operator.batch.FixedBatchPolicy;
import java.io.Serializable;
import java.time.Duration;

/**
 * How the operator batches and how often it tries.
 *
 * @param maxBatchSize most rows of a micro-batch
 * @param linger longest wait of a micro-batch's first record before it is submitted, in whole
 *     milliseconds, rounded up. Zero: every record is submitted at once
 * @param slots micro-batches that can be filled or in flight at once
 * @param targetLatency latency that 99 of 100 micro-batches should stay under, from their first
 *     record to the release of their scores; sizes and linger adapt to it, up to {@code
 *     maxBatchSize} and {@code linger}. Zero: they do not adapt
 * @param maxRetries further attempts after a retryable failure of the engine
 * @param retryDelay wait before the first further attempt; doubles with each
 */
public record InferenceOptions(
        int maxBatchSize,
        Duration linger,
        int slots,
        Duration targetLatency,
        int maxRetries,
        Duration retryDelay)
        implements Serializable {
    /** 1024 rows, 5 ms, 4 slots, no adapting, 3 retries starting at 50 ms. */
    public static final InferenceOptions DEFAULT =
            new InferenceOptions(
                    1024, Duration.ofMillis(5), 4, Duration.ZERO, 3, Duration.ofMillis(50));

    public InferenceOptions {
        atLeast(1, maxBatchSize, "maxBatchSize");
        atLeast(1, slots, "slots");
        atLeast(0, maxRetries, "maxRetries");
        notNegative(linger, "linger");
        notNegative(targetLatency, "targetLatency");
        notNegative(retryDelay, "retryDelay");
    }

    public boolean adaptive() {
        return !targetLatency.isZero();
    }

    /** A new policy; each subtask has its own. */
    BatchPolicy newPolicy() {
        if (adaptive()) {
            return new AdaptiveBatchPolicy(maxBatchSize, linger.toNanos(), targetLatency.toNanos());
        }
        return new FixedBatchPolicy(maxBatchSize, linger.toNanos());
    }

    public InferenceOptions withMaxBatchSize(int rows) {
        return new InferenceOptions(rows, linger, slots, targetLatency, maxRetries, retryDelay);
    }

    public InferenceOptions withLinger(Duration newLinger) {
        return new InferenceOptions(
                maxBatchSize, newLinger, slots, targetLatency, maxRetries, retryDelay);
    }

    public InferenceOptions withSlots(int newSlots) {
        return new InferenceOptions(
                maxBatchSize, linger, newSlots, targetLatency, maxRetries, retryDelay);
    }

    public InferenceOptions withTargetLatency(Duration newTarget) {
        return new InferenceOptions(maxBatchSize, linger, slots, newTarget, maxRetries, retryDelay);
    }

    public InferenceOptions withRetries(int newMaxRetries, Duration newDelay) {
        return new InferenceOptions(
                maxBatchSize, linger, slots, targetLatency, newMaxRetries, newDelay);
    }

    private static void atLeast(int least, int value, String name) {
        if (value < least) {
            throw new IllegalArgumentException(
                    "%s must be at least %d: %d".formatted(name, least, value));
        }
    }

    private static void notNegative(Duration value, String name) {
        if (value.isNegative()) {
            throw new IllegalArgumentException(
                    "%s must not be negative: %s".formatted(name, value));
        }
    }
}
