package dev.millrace.endtoend;

import dev.millrace.gpu.engine.CompletionListener;
import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.engine.Engine;
import dev.millrace.gpu.engine.EngineDescription;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.EngineStatistics;
import dev.millrace.gpu.engine.Exactness;
import dev.millrace.gpu.engine.ModelSignature;
import dev.millrace.gpu.engine.Slot;
import dev.millrace.gpu.engine.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Computes {@code y = 2x + 1}, on threads enough that completions overtake each other. */
final class TestingEngine implements Engine {
    private static final ModelSignature SIGNATURE =
            new ModelSignature(
                    List.of(new TensorSpec("x", ElementType.INT64, List.of())),
                    List.of(new TensorSpec("y", ElementType.INT64, List.of())));

    private final List<TestingSlot> slots = new ArrayList<>();
    private final ExecutorService threads;
    private final EngineDescription description;
    private final int capacity;
    private final AtomicLong submissions = new AtomicLong();
    private final AtomicLong rowsScored = new AtomicLong();
    private final AtomicLong copiedInNanos = new AtomicLong();
    private final AtomicLong computedNanos = new AtomicLong();
    private final AtomicLong copiedOutNanos = new AtomicLong();
    private final Optional<String> deviceId;

    TestingEngine(EngineOptions options, String reason) {
        capacity = options.maxBatchSize();
        for (int index = 0; index < options.slots(); index++) {
            slots.add(new TestingSlot(index, capacity));
        }
        threads = Executors.newFixedThreadPool(options.slots());
        deviceId =
                Mischief.current().enginesAreOnDevice()
                        ? Optional.of(TestingDevice.ID)
                        : Optional.empty();
        description =
                new EngineDescription(
                        "testing", "no device", options.precision(), Exactness.PORTABLE, reason);
    }

    @Override
    public EngineDescription description() {
        return Mischief.current().hasFallenBack() ? ofTwin() : description;
    }

    private EngineDescription ofTwin() {
        return new EngineDescription(
                description.backend(),
                "the twin",
                description.precision(),
                description.exactness(),
                "the test has taken the device away");
    }

    @Override
    public Optional<String> deviceId() {
        return deviceId;
    }

    @Override
    public ModelSignature signature() {
        return SIGNATURE;
    }

    @Override
    public List<? extends Slot> slots() {
        return slots;
    }

    @Override
    public int batchLimit() {
        return Math.max(1, capacity >> Mischief.current().memoryShortages());
    }

    @Override
    public void submit(Slot slot, int rows, CompletionListener listener) {
        threads.execute(() -> score(slot, rows, listener));
    }

    @Override
    public EngineStatistics statistics() {
        long bytes = 2L * Long.BYTES * capacity * slots.size();
        return new EngineStatistics(
                submissions.get(),
                rowsScored.get(),
                copiedInNanos.get(),
                computedNanos.get(),
                copiedOutNanos.get(),
                Mischief.current().memoryShortages(),
                Mischief.current().hasFallenBack(),
                bytes,
                bytes);
    }

    @Override
    public void close() {
        threads.shutdown();
        try {
            while (!threads.awaitTermination(10, TimeUnit.MILLISECONDS)) {
                Mischief.current().releaseStalled();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void score(Slot slot, int rows, CompletionListener listener) {
        submissions.incrementAndGet();
        try {
            ByteBuffer input = slot.input(0);
            Mischief.current().beforeScoring(input, rows);
            compute(input, slot.output(0), rows);
            rowsScored.addAndGet(rows);
        } catch (EngineException e) {
            listener.onFailed(slot, e);
            return;
        }
        listener.onScored(slot);
    }

    /** In three steps, as a device does it, so that each takes its time. */
    private void compute(ByteBuffer input, ByteBuffer output, int rows) {
        long begin = System.nanoTime();
        long[] values = new long[rows];
        for (int row = 0; row < rows; row++) {
            values[row] = input.getLong(row * Long.BYTES);
        }
        long copiedIn = System.nanoTime();
        for (int row = 0; row < rows; row++) {
            values[row] = 2 * values[row] + 1;
        }
        long computed = System.nanoTime();
        for (int row = 0; row < rows; row++) {
            output.putLong(row * Long.BYTES, values[row]);
        }
        long copiedOut = System.nanoTime();
        copiedInNanos.addAndGet(copiedIn - begin);
        computedNanos.addAndGet(computed - copiedIn);
        copiedOutNanos.addAndGet(copiedOut - computed);
    }

    private static final class TestingSlot implements Slot {
        private final int index;
        private final int capacity;
        private final ByteBuffer input;
        private final ByteBuffer output;

        TestingSlot(int index, int capacity) {
            this.index = index;
            this.capacity = capacity;
            input = ByteBuffer.allocateDirect(capacity * Long.BYTES).order(ByteOrder.nativeOrder());
            output =
                    ByteBuffer.allocateDirect(capacity * Long.BYTES).order(ByteOrder.nativeOrder());
        }

        @Override
        public int index() {
            return index;
        }

        @Override
        public int capacity() {
            return capacity;
        }

        @Override
        public ByteBuffer input(int inputIndex) {
            return input;
        }

        @Override
        public ByteBuffer output(int outputIndex) {
            return output;
        }
    }
}
