package dev.millrace.schema.feature;

import java.io.Serializable;
import java.util.List;

/**
 * Which fields of a record feed which elements of a model's inputs; one entry per input, in the
 * model's order, which is also the order of the buffers a plan writes to.
 *
 * <p><b>How values convert.</b> A value converts once, from the type it was written in to the
 * tensor's element type:
 *
 * <ul>
 *   <li>to float32, float16, bfloat16: rounded to nearest, ties to even, beyond the largest to
 *       infinity; NaN stays NaN;
 *   <li>to float64: exact, except integers beyond 2^53, which round to nearest;
 *   <li>to integers: exact, or the record is refused (out of range, or not a whole number);
 *   <li>to bool: false and true, 0 and 1, anything else is refused;
 *   <li>to a category: the index of the string or enum symbol, -1 where it is not among them.
 * </ul>
 */
public record FeatureSpec(List<TensorFeatures> tensors) implements Serializable {
    public FeatureSpec {
        tensors = List.copyOf(tensors);
        if (tensors.isEmpty()) {
            throw new UnusableFeatureException("A model without inputs cannot score records");
        }
    }
}
