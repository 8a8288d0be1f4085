package dev.millrace.gpu.inspection;

import dev.millrace.gpu.engine.CompletionListener;
import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.engine.Engine;
import dev.millrace.gpu.engine.EngineBackend;
import dev.millrace.gpu.engine.EngineDescription;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.EngineStatistics;
import dev.millrace.gpu.engine.Exactness;
import dev.millrace.gpu.engine.ModelArtifact;
import dev.millrace.gpu.engine.ModelSignature;
import dev.millrace.gpu.engine.Precision;
import dev.millrace.gpu.engine.Slot;
import dev.millrace.gpu.engine.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Doubles one float, at once and on the caller's thread, with a fault of choice. */
final class TestingBackend implements EngineBackend {
    /** What is wrong with the scores. */
    enum Fault {
        NONE,
        /** They depend on the size of the micro-batch. */
        SIZE,
        /** They depend on the place in it. */
        PLACE,
        /** They depend on the record before. */
        NEIGHBOUR,
        /** They are other ones, always. */
        OTHER
    }

    private static final ModelSignature SIGNATURE =
            new ModelSignature(
                    List.of(new TensorSpec("x", ElementType.FLOAT32, List.of(1))),
                    List.of(new TensorSpec("y", ElementType.FLOAT32, List.of(1))));

    private final String name;
    private final Exactness exactness;
    private final Fault fault;

    TestingBackend(String name, Exactness exactness, Fault fault) {
        this.name = name;
        this.exactness = exactness;
        this.fault = fault;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int rank() {
        return 0;
    }

    @Override
    public Coverage examine(ModelArtifact artifact, EngineOptions options) {
        return new Coverage(true, "for tests");
    }

    @Override
    public Engine open(ModelArtifact artifact, EngineOptions options, String reason) {
        return new TestingEngine(options.maxBatchSize());
    }

    private record TestingSlot(int capacity, ByteBuffer in, ByteBuffer out) implements Slot {
        @Override
        public int index() {
            return 0;
        }

        @Override
        public ByteBuffer input(int inputIndex) {
            return in;
        }

        @Override
        public ByteBuffer output(int outputIndex) {
            return out;
        }
    }

    private final class TestingEngine implements Engine {
        private final TestingSlot slot;

        TestingEngine(int capacity) {
            slot = new TestingSlot(capacity, buffer(capacity), buffer(capacity));
        }

        private static ByteBuffer buffer(int rows) {
            return ByteBuffer.allocateDirect(rows * Float.BYTES).order(ByteOrder.nativeOrder());
        }

        @Override
        public EngineDescription description() {
            return new EngineDescription(name, "test", Precision.FP32, exactness, "for tests");
        }

        @Override
        public ModelSignature signature() {
            return SIGNATURE;
        }

        @Override
        public List<? extends Slot> slots() {
            return List.of(slot);
        }

        @Override
        public int batchLimit() {
            return slot.capacity();
        }

        @Override
        public void submit(Slot submitted, int rows, CompletionListener listener) {
            for (int row = 0; row < rows; row++) {
                float x = slot.in().getFloat(row * Float.BYTES);
                slot.out().putFloat(row * Float.BYTES, 2 * x + error(row, rows));
            }
            listener.onScored(slot);
        }

        private float error(int row, int rows) {
            return switch (fault) {
                case NONE -> 0;
                case SIZE -> rows == 33 ? 1 : 0;
                case PLACE -> rows == slot.capacity() ? row : 0;
                case NEIGHBOUR ->
                        row > 0 && Float.isNaN(slot.in().getFloat((row - 1) * Float.BYTES)) ? 1 : 0;
                case OTHER -> 0.5f;
            };
        }

        @Override
        public EngineStatistics statistics() {
            return new EngineStatistics(0, 0, 0, 0, 0, 0, false, 0, 0);
        }

        @Override
        public void close() {}
    }
}
