package dev.millrace.endtoend;

import dev.millrace.gpu.engine.EngineException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongPredicate;

/** What the {@link TestingEngine}s of this process do wrong. Any thread. */
final class Mischief {
    /** What an asked-for failure says. */
    static final String FAILURE = "a failure that the test asked for";

    private static volatile Mischief current = new Mischief();

    private final AtomicInteger failuresLeft = new AtomicInteger();
    private final AtomicInteger failuresSeen = new AtomicInteger();
    private final AtomicInteger stalled = new AtomicInteger();
    private volatile EngineException.Kind failureKind = EngineException.Kind.RETRYABLE;
    private volatile LongPredicate guilty = x -> false;
    private volatile Random delays;
    private volatile long longestDelayNanos;
    private volatile Stall stall;
    private volatile boolean onDevice;
    private volatile boolean deviceLost;
    private volatile boolean fallenBack;
    private final AtomicInteger memoryShortages = new AtomicInteger();

    private record Stall(LongPredicate inputs, CountDownLatch released) {}

    private Mischief() {}

    /** Makes all engines behave again and returns what tests script from then on. */
    static Mischief reset() {
        Mischief old = current;
        current = new Mischief();
        old.releaseStalled();
        return current;
    }

    static Mischief current() {
        return current;
    }

    /** Every micro-batch takes a random time, so that completions overtake each other. */
    Mischief answerOutOfOrder(long seed, Duration longestDelay) {
        longestDelayNanos = longestDelay.toNanos();
        delays = new Random(seed);
        return this;
    }

    /** The next submissions fail. */
    Mischief failNext(int submissions, EngineException.Kind kind) {
        failureKind = kind;
        failuresSeen.set(0);
        failuresLeft.set(submissions);
        return this;
    }

    int failuresSeen() {
        return failuresSeen.get();
    }

    /** Micro-batches with such a value fail as bad input. */
    Mischief cannotScore(LongPredicate inputs) {
        guilty = inputs;
        return this;
    }

    /** Nothing is answered until {@link #releaseStalled()}. */
    Mischief stall() {
        return stall(x -> true);
    }

    /** Micro-batches with such a value are not answered until {@link #releaseStalled()}. */
    Mischief stall(LongPredicate inputs) {
        stalled.set(0);
        stall = new Stall(inputs, new CountDownLatch(1));
        return this;
    }

    /** The engines that are opened from now on are on the {@link TestingDevice}. */
    Mischief onDevice() {
        onDevice = true;
        return this;
    }

    boolean enginesAreOnDevice() {
        return onDevice;
    }

    /** The {@link TestingDevice} falls silent, or speaks again. */
    void loseDevice(boolean lost) {
        deviceLost = lost;
    }

    boolean deviceIsLost() {
        return deviceLost;
    }

    /** Engines say that their twin scores. */
    void fallBack() {
        fallenBack = true;
    }

    boolean hasFallenBack() {
        return fallenBack;
    }

    /** Engines halve what they want at once. */
    void runShortOfMemory() {
        memoryShortages.incrementAndGet();
    }

    int memoryShortages() {
        return memoryShortages.get();
    }

    /** Micro-batches that wait for {@link #releaseStalled()}, or did. */
    int stalled() {
        return stalled.get();
    }

    void releaseStalled() {
        Stall waiting = stall;
        if (waiting != null) {
            waiting.released.countDown();
        }
    }

    void beforeScoring(ByteBuffer input, int rows) throws EngineException {
        Random random = delays;
        if (random != null) {
            LockSupport.parkNanos((long) (random.nextDouble() * longestDelayNanos));
        }
        awaitRelease(input, rows);
        if (failuresLeft.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            failuresSeen.incrementAndGet();
            throw new EngineException(failureKind, FAILURE);
        }
        if (anyMatches(guilty, input, rows)) {
            throw new EngineException(
                    EngineException.Kind.BAD_INPUT, "cannot score a row of this micro-batch");
        }
    }

    private static boolean anyMatches(LongPredicate inputs, ByteBuffer input, int rows) {
        for (int row = 0; row < rows; row++) {
            if (inputs.test(input.getLong(row * Long.BYTES))) {
                return true;
            }
        }
        return false;
    }

    private void awaitRelease(ByteBuffer input, int rows) throws EngineException {
        Stall waiting = stall;
        if (waiting == null || !anyMatches(waiting.inputs, input, rows)) {
            return;
        }
        stalled.incrementAndGet();
        try {
            waiting.released.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EngineException(EngineException.Kind.DEVICE_FATAL, "interrupted", e);
        }
    }
}
