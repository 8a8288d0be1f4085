package dev.millrace.schema;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One row of inputs and the outputs a model must give for it, checked before the model serves.
 *
 * @param inputs by input name, one row of raw little-endian elements; read-only buffers
 * @param outputs by output name, the same
 * @param tolerance the largest absolute difference allowed; 0 asks for equal bits
 */
public record GoldenVector(
        Map<String, ByteBuffer> inputs, Map<String, ByteBuffer> outputs, double tolerance) {
    public GoldenVector {
        inputs = copy(inputs);
        outputs = copy(outputs);
        if (!(tolerance >= 0)) {
            throw new IllegalArgumentException(
                    "Tolerance %s of a golden vector is not 0 or more".formatted(tolerance));
        }
    }

    private static Map<String, ByteBuffer> copy(Map<String, ByteBuffer> rows) {
        Map<String, ByteBuffer> copies = new LinkedHashMap<>();
        rows.forEach(
                (name, row) -> {
                    ByteBuffer copy = ByteBuffer.allocate(row.remaining()).put(row.duplicate());
                    copies.put(name, copy.flip().asReadOnlyBuffer());
                });
        return Map.copyOf(copies);
    }
}
