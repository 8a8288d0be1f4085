package dev.millrace.operator.inference;

import dev.millrace.gpu.engine.Slot;
import dev.millrace.operator.deadletter.RejectedRecordException;
import java.io.Serializable;
import org.apache.flink.api.common.functions.RuntimeContext;

/**
 * Writes an element's features straight into a row of a micro-batch. Task thread only; one instance
 * serves one model for its whole life.
 */
@FunctionalInterface
public interface FeatureWriter<IN> extends Serializable {
    /** Called once, before any element. The place to check the model's inputs. */
    default void open(ServedModel model, RuntimeContext context) throws Exception {}

    /**
     * Fills one row of every input buffer: bytes {@code row * rowBytes} to {@code (row + 1) *
     * rowBytes}, all of them, in native byte order, by absolute position. A row holds what earlier
     * micro-batches left in it until it is written.
     *
     * @throws RejectedRecordException if the element has no such features: it becomes a dead letter
     *     and the row is used for the next element. Any other exception fails the task.
     */
    void write(IN element, Slot slot, int row) throws Exception;

    default void close() throws Exception {}
}
