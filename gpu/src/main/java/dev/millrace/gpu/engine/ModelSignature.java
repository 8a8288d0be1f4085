package dev.millrace.gpu.engine;

import java.util.List;

/**
 * What a model takes and gives, in the model's own order. A slot's buffers follow the same order.
 *
 * @param inputs one entry per input that a record must fill
 * @param outputs one entry per output that a record gets
 */
public record ModelSignature(List<TensorSpec> inputs, List<TensorSpec> outputs) {
    public ModelSignature {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }

    /** Bytes that one record takes in the input buffers of a slot. */
    public int inputRowBytes() {
        return inputs.stream().mapToInt(TensorSpec::rowBytes).sum();
    }

    /** Bytes that one record takes in the output buffers of a slot. */
    public int outputRowBytes() {
        return outputs.stream().mapToInt(TensorSpec::rowBytes).sum();
    }
}
