package dev.millrace.gpu.inspection;

import dev.millrace.gpu.engine.CompletionListener;
import dev.millrace.gpu.engine.Engine;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.EngineStatistics;
import dev.millrace.gpu.engine.ModelSignature;
import dev.millrace.gpu.engine.Slot;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/** Times an engine: all its slots in turn, as full as asked, for a given time. */
public final class ModelBench {
    private static final long SEED = 1;
    private static final long PATIENCE_SECONDS = 120;

    private final Engine engine;
    private final BlockingQueue<Slot> free;
    private volatile EngineException failure;

    /** The engine stays the caller's. */
    public ModelBench(Engine engine) {
        this.engine = engine;
        this.free = new ArrayBlockingQueue<>(engine.slots().size());
        fill();
    }

    private void fill() {
        Random random = new Random(SEED);
        for (Slot slot : engine.slots()) {
            byte[][] some = new byte[Math.min(slot.capacity(), 512)][];
            for (int row = 0; row < some.length; row++) {
                some[row] = RecordRows.ordinary(engine.signature(), random);
            }
            for (int row = 0; row < slot.capacity(); row++) {
                RecordRows.write(engine.signature(), slot, row, some[row % some.length]);
            }
            free.add(slot);
        }
    }

    /**
     * Scores micro-batches of one size: a quarter of the time to warm up, then the timed part.
     *
     * @param rows at most the slots' capacity
     */
    public BenchLine run(int rows, long nanos) throws EngineException, InterruptedException {
        submitFor(rows, nanos / 4);
        EngineStatistics before = engine.statistics();
        long start = System.nanoTime();
        long batches = submitFor(rows, nanos);
        double seconds = (System.nanoTime() - start) / 1e9;
        EngineStatistics after = engine.statistics();
        return new BenchLine(
                engine.description().backend(),
                engine.description().device(),
                rows,
                batches * (double) rows / seconds,
                copiesPerSecond(rows, nanos / 4),
                (after.h2dNanos() - before.h2dNanos()) / 1e3 / batches,
                (after.kernelNanos() - before.kernelNanos()) / 1e3 / batches,
                (after.d2hNanos() - before.d2hNanos()) / 1e3 / batches);
    }

    private long submitFor(int rows, long nanos) throws EngineException, InterruptedException {
        CompletionListener listener =
                new CompletionListener() {
                    @Override
                    public void onScored(Slot slot) {
                        free.add(slot);
                    }

                    @Override
                    public void onFailed(Slot slot, EngineException cause) {
                        failure = cause;
                        free.add(slot);
                    }
                };
        long end = System.nanoTime() + nanos;
        long batches = 0;
        do {
            engine.submit(take(), rows, listener);
            batches++;
        } while (System.nanoTime() < end);
        drain();
        return batches;
    }

    private Slot take() throws EngineException, InterruptedException {
        Slot slot = free.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (slot == null) {
            throw new EngineException(
                    EngineException.Kind.DEVICE_FATAL,
                    "A micro-batch did not end within " + PATIENCE_SECONDS + " s");
        }
        if (failure != null) {
            throw failure;
        }
        return slot;
    }

    private void drain() throws EngineException, InterruptedException {
        int count = engine.slots().size();
        Slot[] slots = new Slot[count];
        for (int i = 0; i < count; i++) {
            slots[i] = take();
        }
        for (Slot slot : slots) {
            free.add(slot);
        }
    }

    /** Copies as many bytes as the rows' inputs and outputs have, again and again. */
    private double copiesPerSecond(int rows, long nanos) {
        ModelSignature signature = engine.signature();
        int bytes =
                Math.multiplyExact(rows, signature.inputRowBytes() + signature.outputRowBytes());
        ByteBuffer from = ByteBuffer.allocateDirect(bytes);
        ByteBuffer to = ByteBuffer.allocateDirect(bytes);
        long start = System.nanoTime();
        long copies = 0;
        long now;
        do {
            to.put(0, from, 0, bytes);
            copies++;
            now = System.nanoTime();
        } while (now - start < nanos);
        return copies * (double) rows / ((now - start) / 1e9);
    }
}
