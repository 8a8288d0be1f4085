package dev.millrace.job.release;

import dev.millrace.gpu.engine.CompletionListener;
import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.engine.Engine;
import dev.millrace.gpu.engine.EngineBackend;
import dev.millrace.gpu.engine.EngineDescription;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.EngineStatistics;
import dev.millrace.gpu.engine.Exactness;
import dev.millrace.gpu.engine.ModelArtifact;
import dev.millrace.gpu.engine.ModelSignature;
import dev.millrace.gpu.engine.Slot;
import dev.millrace.gpu.engine.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A backend whose device has room for {@link #ROOM} bytes in all. Its models say how many they take
 * and what they add: {@code y = x[0] + add}; one that adds nothing refuses to score.
 */
public final class CrampedBackend implements EngineBackend {
    static final int ROOM = 100;
    static final int FEATURES = 15;
    private static final String MODEL = "millrace cramped model";
    private static final AtomicInteger TAKEN = new AtomicInteger();
    private static final AtomicInteger MOST = new AtomicInteger();

    /** A model file. */
    static byte[] model(int bytes, int add) {
        return "%s %d %d".formatted(MODEL, bytes, add).getBytes(StandardCharsets.UTF_8);
    }

    /** Bytes that open engines take now. */
    static int taken() {
        return TAKEN.get();
    }

    /** The most that were ever taken at once. */
    static int most() {
        return MOST.get();
    }

    @Override
    public String name() {
        return "cramped";
    }

    @Override
    public int rank() {
        return Integer.MIN_VALUE;
    }

    @Override
    public Coverage examine(ModelArtifact artifact, EngineOptions options) {
        boolean ours = text(artifact).startsWith(MODEL);
        return new Coverage(ours, ours ? "a cramped model" : "scores cramped models alone");
    }

    private static String text(ModelArtifact artifact) {
        return new String(artifact.content(), StandardCharsets.UTF_8);
    }

    @Override
    public Engine open(ModelArtifact artifact, EngineOptions options, String reason)
            throws EngineException {
        String[] words = text(artifact).split(" ", -1);
        int bytes = Integer.parseInt(words[3]);
        int now = TAKEN.addAndGet(bytes);
        if (now > ROOM) {
            TAKEN.addAndGet(-bytes);
            throw new EngineException(
                    EngineException.Kind.RETRYABLE,
                    "%d bytes do not fit beside %d of %d".formatted(bytes, now - bytes, ROOM));
        }
        MOST.accumulateAndGet(now, Math::max);
        return new CrampedEngine(options, reason, bytes, Integer.parseInt(words[4]));
    }

    private static final class CrampedEngine implements Engine {
        private static final ModelSignature SIGNATURE =
                new ModelSignature(
                        List.of(new TensorSpec("features", ElementType.FLOAT32, List.of(FEATURES))),
                        List.of(new TensorSpec("score", ElementType.FLOAT32, List.of(1))));

        private final ExecutorService thread = Executors.newSingleThreadExecutor();
        private final List<Slot> slots = new ArrayList<>();
        private final EngineDescription description;
        private final int capacity;
        private final int bytes;
        private final int add;
        private boolean closed;

        CrampedEngine(EngineOptions options, String reason, int bytes, int add) {
            this.capacity = options.maxBatchSize();
            this.bytes = bytes;
            this.add = add;
            for (int index = 0; index < options.slots(); index++) {
                slots.add(new CrampedSlot(index, capacity, row(FEATURES), row(1)));
            }
            description =
                    new EngineDescription(
                            "cramped",
                            "no device",
                            options.precision(),
                            Exactness.PORTABLE,
                            reason);
        }

        private ByteBuffer row(int floats) {
            return ByteBuffer.allocateDirect(capacity * floats * Float.BYTES)
                    .order(ByteOrder.nativeOrder());
        }

        @Override
        public EngineDescription description() {
            return description;
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
            return capacity;
        }

        @Override
        public void submit(Slot slot, int rows, CompletionListener listener) {
            thread.execute(() -> score(slot, rows, listener));
        }

        private void score(Slot slot, int rows, CompletionListener listener) {
            if (add == 0) {
                listener.onFailed(
                        slot, new EngineException(EngineException.Kind.MODEL, "it adds nothing"));
                return;
            }
            for (int row = 0; row < rows; row++) {
                float x = slot.input(0).getFloat(row * FEATURES * Float.BYTES);
                slot.output(0).putFloat(row * Float.BYTES, x + add);
            }
            listener.onScored(slot);
        }

        @Override
        public EngineStatistics statistics() {
            return new EngineStatistics(0, 0, 0, 0, 0, 0, false, 0, bytes);
        }

        @Override
        public void close() {
            if (closed) {
                return;
            }
            closed = true;
            thread.shutdown();
            try {
                if (!thread.awaitTermination(1, TimeUnit.MINUTES)) {
                    throw new IllegalStateException("A micro-batch takes more than a minute");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            TAKEN.addAndGet(-bytes);
        }
    }

    private record CrampedSlot(int index, int capacity, ByteBuffer in, ByteBuffer out)
            implements Slot {
        @Override
        public ByteBuffer input(int inputIndex) {
            return in;
        }

        @Override
        public ByteBuffer output(int outputIndex) {
            return out;
        }
    }
}
