package dev.millrace.gpu.conformance;

import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.engine.ModelSignature;
import dev.millrace.gpu.engine.TensorSpec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Carries whole tensors into and out of the buffers of a micro-batch.
 *
 * @param signature the model's, as the engine gives it
 * @param wholeModel whether all of the inputs are one row
 * @param rows rows of the micro-batch
 */
record Feeds(ModelSignature signature, boolean wholeModel, int rows) {
    /**
     * @throws RefusedException if the inputs disagree about the number of rows, or have none
     */
    static Feeds of(ModelSignature signature, boolean wholeModel, Map<String, TestTensor> inputs)
            throws RefusedException {
        int rows = wholeModel ? 1 : -1;
        for (Map.Entry<String, TestTensor> input : inputs.entrySet()) {
            if (wholeModel) {
                continue;
            }
            List<Integer> shape = input.getValue().shape();
            int own = shape.isEmpty() ? 0 : shape.get(0);
            if (own == 0 || (rows >= 0 && own != rows)) {
                throw new RefusedException(
                        "input '%s' has shape %s, which does not make %s rows"
                                .formatted(input.getKey(), shape, rows < 0 ? "any" : rows));
            }
            rows = own;
        }
        return new Feeds(signature, wholeModel, rows);
    }

    /** Writes an input. Rows are contiguous, so a whole tensor lies as its rows do. */
    void write(int index, TestTensor tensor, ByteBuffer buffer) throws RefusedException {
        TensorSpec spec = signature.inputs().get(index);
        if (tensor.type() != spec.type() || !tensor.shape().equals(shape(spec))) {
            throw new RefusedException(
                    "input '%s' is %s%s, the test gives %s%s"
                            .formatted(
                                    spec.name(),
                                    spec.type(),
                                    shape(spec),
                                    tensor.type(),
                                    tensor.shape()));
        }
        if (spec.type() == ElementType.CATEGORY) {
            for (int element = 0; element < tensor.elements(); element++) {
                int category = spec.categories().indexOf(tensor.strings().get(element));
                buffer.putInt(Integer.BYTES * element, category);
            }
            return;
        }
        buffer.put(0, tensor.bytes(), 0, tensor.bytes().capacity());
    }

    TestTensor read(int index, ByteBuffer buffer) {
        TensorSpec spec = signature.outputs().get(index);
        int size = rows * spec.rowBytes();
        if (spec.type() == ElementType.CATEGORY) {
            List<String> strings = new ArrayList<>();
            for (int at = 0; at < size; at += Integer.BYTES) {
                int category = buffer.getInt(at);
                strings.add(category < 0 ? "" : spec.categories().get(category));
            }
            return new TestTensor(spec.type(), shape(spec), TestTensor.allocate(0), strings);
        }
        ByteBuffer bytes = TestTensor.allocate(size);
        bytes.put(0, buffer, 0, size);
        return new TestTensor(spec.type(), shape(spec), bytes, List.of());
    }

    private List<Integer> shape(TensorSpec spec) {
        if (wholeModel) {
            return spec.rowShape();
        }
        return Stream.concat(Stream.of(rows), spec.rowShape().stream()).toList();
    }
}
