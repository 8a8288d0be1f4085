package dev.millrace.operator.inference;

import dev.millrace.gpu.engine.Slot;
import dev.millrace.operator.deadletter.RejectedRecordException;
import java.io.Serializable;
import org.apache.flink.api.common.functions.RuntimeContext;

/**
 * Makes an output from an element and its scores. Task thread only; one instance serves one model
 * for its whole life.
 */
@FunctionalInterface
public interface ScoreReader<IN, OUT> extends Serializable {
    /** Called once, before any element. The place to check the model's outputs. */
    default void open(ServedModel model, RuntimeContext context) throws Exception {}

    /**
     * Reads one row of the output buffers: bytes {@code row * rowBytes} to {@code (row + 1) *
     * rowBytes}, in native byte order, by absolute position. The buffers are used again: nothing
     * may keep them.
     *
     * @return the output: a new object for each call, or one that is used again, which takes a job
     *     with object reuse, everything downstream that copes with it, and {@link #keep}
     * @throws RejectedRecordException if the scores are of no use: the element becomes a dead
     *     letter. Any other exception fails the task.
     */
    OUT read(IN element, Slot slot, int row) throws Exception;

    /**
     * An output that stays as it is when the next one is read. Outputs are kept while the culprits
     * of a failed micro-batch are being looked for. To be overridden where {@link #read} uses its
     * output again: with a copy.
     */
    default OUT keep(OUT output) {
        return output;
    }

    default void close() throws Exception {}
}
