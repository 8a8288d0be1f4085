package dev.millrace.gpu.check;

import dev.millrace.gpu.engine.CompletionListener;
import dev.millrace.gpu.engine.Engine;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.EngineStatistics;
import dev.millrace.gpu.engine.Slot;
import dev.millrace.gpu.testing.Rows;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Times an engine: all its slots in turn, and a micro-batch that is alone. One thread. */
final class EngineTimes {
    private static final long PATIENCE_SECONDS = 120;
    private static final int MOST_LONE = 2000;
    private static final int DIFFERENT_ROWS = 512;

    /**
     * What was measured at one size.
     *
     * @param recordsPerSecond all slots in turn, copies included
     * @param loneP50Micros from submit until the caller sees the completion, median
     * @param loneP99Micros the same, 99th percentile
     * @param h2dMicros per micro-batch, on the device
     * @param kernelMicros per micro-batch, on the device
     * @param d2hMicros per micro-batch, on the device
     */
    record Figures(
            int rows,
            double recordsPerSecond,
            double loneP50Micros,
            double loneP99Micros,
            double h2dMicros,
            double kernelMicros,
            double d2hMicros) {}

    /** What the engine's thread says. */
    private static final class Completed implements CompletionListener {
        private final BlockingQueue<Slot> free;
        private final AtomicLong count = new AtomicLong();
        private volatile EngineException failure;

        Completed(BlockingQueue<Slot> free) {
            this.free = free;
        }

        @Override
        public void onScored(Slot slot) {
            free.add(slot);
            count.incrementAndGet();
        }

        @Override
        public void onFailed(Slot slot, EngineException cause) {
            failure = cause;
            onScored(slot);
        }
    }

    private final Engine engine;
    private final BlockingQueue<Slot> free;
    private final Completed completed;

    /** Fills the engine's slots; the engine stays the caller's. */
    EngineTimes(Engine engine) {
        this.engine = engine;
        this.free = new ArrayBlockingQueue<>(engine.slots().size());
        this.completed = new Completed(free);
        Random random = new Random(1);
        byte[][] some = new byte[DIFFERENT_ROWS][];
        for (int row = 0; row < some.length; row++) {
            some[row] = Rows.random(engine.signature(), random);
        }
        for (Slot slot : engine.slots()) {
            for (int row = 0; row < slot.capacity(); row++) {
                Rows.write(engine.signature(), slot, row, some[row % some.length]);
            }
            free.add(slot);
        }
    }

    /** Measures micro-batches of one size: a third of the time each to warm up and alone. */
    Figures measure(int rows, long nanos) throws EngineException, InterruptedException {
        inTurn(rows, nanos / 3);
        EngineStatistics before = engine.statistics();
        long start = System.nanoTime();
        long batches = inTurn(rows, nanos);
        double seconds = (System.nanoTime() - start) * 1e-9;
        EngineStatistics after = engine.statistics();
        double[] alone = alone(rows, nanos / 3);
        return new Figures(
                rows,
                batches * (double) rows / seconds,
                alone[alone.length / 2],
                alone[alone.length * 99 / 100],
                (after.h2dNanos() - before.h2dNanos()) * 1e-3 / batches,
                (after.kernelNanos() - before.kernelNanos()) * 1e-3 / batches,
                (after.d2hNanos() - before.d2hNanos()) * 1e-3 / batches);
    }

    private long inTurn(int rows, long nanos) throws EngineException, InterruptedException {
        long end = System.nanoTime() + nanos;
        long batches = 0;
        do {
            engine.submit(take(), rows, completed);
            batches++;
        } while (System.nanoTime() < end);
        Slot[] all = new Slot[engine.slots().size()];
        for (int i = 0; i < all.length; i++) {
            all[i] = take();
        }
        free.addAll(Arrays.asList(all));
        return batches;
    }

    /** Sorted microseconds of micro-batches that each wait for the one before. */
    private double[] alone(int rows, long nanos) throws EngineException, InterruptedException {
        double[] micros = new double[MOST_LONE];
        long end = System.nanoTime() + nanos;
        int batches = 0;
        do {
            Slot slot = take();
            long before = completed.count.get();
            long start = System.nanoTime();
            engine.submit(slot, rows, completed);
            while (completed.count.get() == before) {
                Thread.onSpinWait();
            }
            micros[batches++] = (System.nanoTime() - start) * 1e-3;
        } while (batches < MOST_LONE && System.nanoTime() < end);
        double[] sorted = Arrays.copyOf(micros, batches);
        Arrays.sort(sorted);
        return sorted;
    }

    private Slot take() throws EngineException, InterruptedException {
        Slot slot = free.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (slot == null) {
            throw new IllegalStateException(
                    "A micro-batch did not end within %d s".formatted(PATIENCE_SECONDS));
        }
        if (completed.failure != null) {
            throw completed.failure;
        }
        return slot;
    }
}
