package dev.millrace.operator.batch;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Plays a stream and a serial engine against a batch policy, in simulated time: records arrive at a
 * rate, wait upstream while no slot is free, are batched as the operator does it, and are scored
 * one micro-batch after the other at a cost of so much each and so much a row.
 */
final class LoadModel {
    /** Records a second at a point in time. */
    interface Rate {
        double at(double second);
    }

    /** Nanoseconds that a micro-batch takes, at a point in time. */
    interface Cost {
        double nanos(double second, int rows);
    }

    /**
     * A released micro-batch.
     *
     * @param latencyNanos from its first record to the release of its scores
     */
    record Released(double second, int rows, long latencyNanos, int aim) {}

    private static final double SECOND = 1e9;

    /** Flink's timers come up to a millisecond late. */
    private static final double TIMER_SLACK = 1e6;

    private record Submitted(
            long id, int rows, FlushReason reason, double opened, double submitted, double done) {}

    private final BatchPolicy policy;
    private final Rate rate;
    private final Cost cost;
    private final int slots;
    private final SplittableRandom random;
    private final Deque<Submitted> window = new ArrayDeque<>();
    private final List<Released> released = new ArrayList<>();
    private double engineFreeAt;
    private long ids;

    LoadModel(BatchPolicy policy, Rate rate, Cost cost, int slots, long seed) {
        this.policy = policy;
        this.rate = rate;
        this.cost = cost;
        this.slots = slots;
        this.random = new SplittableRandom(seed);
    }

    /** Runs for a while and gives all released micro-batches. */
    List<Released> run(double seconds) {
        double end = seconds * SECOND;
        double arrival = nextArrival(0);
        // A record is taken in when it has arrived and the task is free for it.
        while (arrival < end) {
            double now = arrival;
            if (window.size() == slots) {
                now = Math.max(now, window.peek().done());
            }
            releaseUntil(now);
            long id = ++ids;
            int full = policy.targetRows();
            double deadline = now + policy.lingerNanos() + TIMER_SLACK * random.nextDouble();
            policy.onOpened(id);
            double opened = now;
            int rows = 1;
            double closed = now;
            arrival = nextArrival(arrival);
            FlushReason reason = FlushReason.FULL;
            while (rows < full) {
                double taken = Math.max(arrival, closed);
                if (taken > deadline) {
                    reason = FlushReason.LINGER;
                    closed = deadline;
                    break;
                }
                closed = taken;
                rows++;
                arrival = nextArrival(arrival);
            }
            submit(id, rows, reason, opened, closed);
        }
        releaseUntil(Double.MAX_VALUE);
        return released;
    }

    private void submit(long id, int rows, FlushReason reason, double opened, double submitted) {
        releaseUntil(submitted);
        double start = Math.max(submitted, engineFreeAt);
        double noise = 0.95 + 0.1 * random.nextDouble();
        double done = start + noise * cost.nanos(start / SECOND, rows);
        engineFreeAt = done;
        window.add(new Submitted(id, rows, reason, opened, submitted, done));
    }

    private void releaseUntil(double now) {
        while (!window.isEmpty() && window.peek().done() <= now) {
            Submitted head = window.poll();
            policy.onReleased(
                    head.id(),
                    head.rows(),
                    head.reason(),
                    (long) (head.submitted() - head.opened()),
                    (long) (head.done() - head.submitted()));
            released.add(
                    new Released(
                            head.done() / SECOND,
                            head.rows(),
                            (long) (head.done() - head.opened()),
                            policy.targetRows()));
        }
    }

    /** Gaps are uniform between nothing and twice their mean. */
    private double nextArrival(double after) {
        return after + 2 * random.nextDouble() * SECOND / rate.at(after / SECOND);
    }
}
