package dev.millrace.operator.batch;

/**
 * Keeps the latency of 99 in 100 micro-batches, from their first record to the release of their
 * scores, under a target by adapting size and linger.
 *
 * <p><b>Which limit.</b> A micro-batch speaks for the limit that closed it: a full one for the size
 * aimed for, a lingered one for the linger. So a quiet stream, whose micro-batches never fill, does
 * not grow the size to where the next burst would miss the target.
 *
 * <p><b>How much.</b> Above the goal the limit shrinks at once by 15 %; below it, it grows by 0.15
 * % a micro-batch, so that it settles where 1 in 100 is above. Far below, it grows fast. After a
 * shrink, micro-batches that were opened before it are not held against it.
 *
 * <p><b>How far.</b> Limits stay between a sixteenth of their maximum and the maximum. Where even
 * the smallest misses the target, smaller still would only cost throughput: an engine has its fixed
 * costs per submission.
 *
 * <p>Owner's thread only; metrics read the limits.
 */
public final class AdaptiveBatchPolicy implements BatchPolicy {
    private static final int RANGE = 16;
    private static final double GOAL = 0.9;
    private static final double SHRINK = 0.85;
    private static final double GROW = 1.0015;
    private static final double GROW_FAST = 1.02;

    /** Below this share of the goal, twice the limit would be safe. */
    private static final double FAR_BELOW = 0.5;

    /** A micro-batch says something about the size aimed for if it has this share of it. */
    private static final double REPRESENTATIVE = 0.9;

    private final long goalNanos;
    private final Limit rows;
    private final Limit linger;
    private long lastOpenedId;

    /** One limit, the range it moves in, and its last shrink. */
    private static final class Limit {
        private final double least;
        private final double most;
        private volatile double value;
        private long shrunkAtId;

        Limit(double least, double most, double start) {
            this.least = least;
            this.most = most;
            this.value = clamp(start);
        }

        private double clamp(double wanted) {
            return Math.min(most, Math.max(least, wanted));
        }

        void shrink(long id, long openedId) {
            if (id <= shrunkAtId) {
                return;
            }
            shrunkAtId = openedId;
            value = clamp(value * SHRINK);
        }

        void grow(double factor) {
            value = clamp(value * factor);
        }
    }

    /**
     * @param maxRows the largest size to aim for
     * @param maxLingerNanos the longest linger
     * @param targetNanos the latency to stay under
     */
    public AdaptiveBatchPolicy(int maxRows, long maxLingerNanos, long targetNanos) {
        if (maxRows < 1 || maxLingerNanos < 0 || targetNanos < 1) {
            throw new IllegalArgumentException(
                    "Not a policy: maxRows %d, maxLingerNanos %d, targetNanos %d"
                            .formatted(maxRows, maxLingerNanos, targetNanos));
        }
        this.goalNanos = (long) (GOAL * targetNanos);
        this.rows = new Limit(Math.max(1, maxRows / (double) RANGE), maxRows, maxRows / 4.0);
        this.linger = new Limit(maxLingerNanos / (double) RANGE, maxLingerNanos, goalNanos / 2.0);
    }

    @Override
    public int targetRows() {
        return (int) rows.value;
    }

    @Override
    public long lingerNanos() {
        return (long) linger.value;
    }

    @Override
    public void onOpened(long id) {
        lastOpenedId = id;
    }

    @Override
    public void onReleased(
            long id, int batchRows, FlushReason reason, long fillNanos, long serviceNanos) {
        long latencyNanos = fillNanos + serviceNanos;
        switch (reason) {
            case FULL -> adaptRows(id, batchRows, latencyNanos);
            case LINGER -> adapt(linger, id, latencyNanos);
            case CHECKPOINT, END_OF_INPUT -> {
                // Closed by neither limit: says nothing about them.
            }
        }
    }

    private void adaptRows(long id, int batchRows, long latencyNanos) {
        boolean cappedByEngine = batchRows < REPRESENTATIVE * rows.value;
        if (latencyNanos <= goalNanos && cappedByEngine) {
            return;
        }
        adapt(rows, id, latencyNanos);
    }

    private void adapt(Limit limit, long id, long latencyNanos) {
        if (latencyNanos > goalNanos) {
            limit.shrink(id, lastOpenedId);
        } else {
            limit.grow(latencyNanos < FAR_BELOW * goalNanos ? GROW_FAST : GROW);
        }
    }
}
