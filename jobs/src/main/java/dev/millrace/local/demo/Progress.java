package dev.millrace.local.demo;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Rates over the last few seconds. Results come in bursts, one with each checkpoint, so a rate
 * between two looks would jump. Time is an argument. One thread.
 */
final class Progress {
    private static final long WINDOW_NANOS = 5_000_000_000L;
    private static final long CURVE_STEP_NANOS = 1_000_000_000L;
    private static final int CURVE_STEPS = 40;

    private record Look(long nanos, long submitted, long done) {}

    private final Deque<Look> window = new ArrayDeque<>();
    private final List<Double> curve = new ArrayList<>();
    private Look curveStep;

    Progress(long nowNanos, long submitted, long done) {
        curveStep = new Look(nowNanos, submitted, done);
        window.add(curveStep);
    }

    /** Takes in where things stand. */
    void look(long nowNanos, long submitted, long done) {
        Look look = new Look(nowNanos, submitted, done);
        window.addLast(look);
        while (window.size() > 2 && nowNanos - window.peekFirst().nanos > WINDOW_NANOS) {
            window.removeFirst();
        }
        if (nowNanos - curveStep.nanos >= CURVE_STEP_NANOS) {
            curve.add(perSecond(curveStep, look, done - curveStep.done));
            curveStep = look;
            if (curve.size() > CURVE_STEPS) {
                curve.remove(0);
            }
        }
    }

    double submittedPerSecond() {
        Look first = window.peekFirst();
        Look last = window.peekLast();
        return perSecond(first, last, last.submitted - first.submitted);
    }

    double donePerSecond() {
        Look first = window.peekFirst();
        Look last = window.peekLast();
        return perSecond(first, last, last.done - first.done);
    }

    /** A rate for each of the last seconds. */
    List<Double> curve() {
        return List.copyOf(curve);
    }

    private static double perSecond(Look from, Look to, long count) {
        long nanos = to.nanos - from.nanos;
        return nanos <= 0 ? 0 : count * 1e9 / nanos;
    }
}
