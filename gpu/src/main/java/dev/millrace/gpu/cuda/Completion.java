package dev.millrace.gpu.cuda;

import dev.millrace.gpu.engine.CompletionListener;
import dev.millrace.gpu.engine.EngineException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends submissions: counts, frees the slot and tells the listener. The engine's or twin's thread.
 */
final class Completion {
    private static final Logger LOG = LoggerFactory.getLogger(Completion.class);

    private final Figures figures;

    Completion(Figures figures) {
        this.figures = figures;
    }

    static EngineException atFault(CudaSlot slot, int row) {
        return new EngineException(
                EngineException.Kind.BAD_INPUT,
                "Row %d of a micro-batch of %d cannot be scored: it holds an index that the model has no entry for"
                        .formatted(row, slot.rows()));
    }

    void scoredOnDevice(CudaSlot slot) {
        figures.scored(slot.rows());
        complete(slot, null);
    }

    void fail(CudaSlot slot, EngineException failure) {
        figures.completedElsewhere(slot.rows(), 0);
        complete(slot, failure);
    }

    /** The twin is done; null where it scored. */
    void byTwin(CudaSlot slot, long computeNanos, EngineException failure) {
        figures.completedElsewhere(slot.rows(), computeNanos);
        complete(slot, failure);
    }

    private static void complete(CudaSlot slot, EngineException failure) {
        CompletionListener listener = slot.arrive();
        try {
            if (failure == null) {
                listener.onScored(slot);
            } else {
                listener.onFailed(slot, failure);
            }
        } catch (RuntimeException | Error e) {
            LOG.error("A completion listener threw; its micro-batch counts as completed", e);
        }
    }
}
