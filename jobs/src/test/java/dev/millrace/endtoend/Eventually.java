package dev.millrace.endtoend;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/** Waits for conditions. */
public final class Eventually {
    /** Long: it costs a failing test time, and a passing one on a busy machine nothing. */
    static final Duration PATIENCE = Duration.ofMinutes(3);

    private Eventually() {}

    /** Polls a condition until it holds, or fails naming it. */
    public static void await(String what, Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.call()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError(
                        "Not within %d s: %s".formatted(PATIENCE.toSeconds(), what));
            }
            LockSupport.parkNanos(10_000_000);
        }
    }
}
