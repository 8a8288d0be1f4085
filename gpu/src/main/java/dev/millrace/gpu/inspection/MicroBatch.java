package dev.millrace.gpu.inspection;

import dev.millrace.gpu.engine.CompletionListener;
import dev.millrace.gpu.engine.Engine;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.Slot;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Scores micro-batches one after another and waits for each. */
final class MicroBatch {
    private static final long PATIENCE_SECONDS = 120;

    private MicroBatch() {}

    /** Outputs of the rows, in order. */
    static byte[][] score(Engine engine, byte[]... rows)
            throws EngineException, InterruptedException {
        Slot slot = engine.slots().get(0);
        for (int row = 0; row < rows.length; row++) {
            RecordRows.write(engine.signature(), slot, row, rows[row]);
        }
        run(engine, slot, rows.length);
        byte[][] outputs = new byte[rows.length][];
        for (int row = 0; row < rows.length; row++) {
            outputs[row] = RecordRows.read(engine.signature(), slot, row);
        }
        return outputs;
    }

    /** Scores the rows that are in a slot. */
    static void run(Engine engine, Slot slot, int rows)
            throws EngineException, InterruptedException {
        Waiting waiting = new Waiting();
        engine.submit(slot, rows, waiting);
        waiting.await();
    }

    /** Hears of one micro-batch's end. */
    static final class Waiting implements CompletionListener {
        private final CompletableFuture<EngineException> end = new CompletableFuture<>();

        @Override
        public void onScored(Slot slot) {
            end.complete(null);
        }

        @Override
        public void onFailed(Slot slot, EngineException failure) {
            end.complete(failure);
        }

        void await() throws EngineException, InterruptedException {
            EngineException failure;
            try {
                failure = end.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            } catch (ExecutionException e) {
                throw new IllegalStateException("Completed with a value only", e);
            } catch (TimeoutException e) {
                throw new EngineException(
                        EngineException.Kind.DEVICE_FATAL,
                        "A micro-batch did not end within " + PATIENCE_SECONDS + " s",
                        e);
            }
            if (failure != null) {
                throw failure;
            }
        }
    }
}
