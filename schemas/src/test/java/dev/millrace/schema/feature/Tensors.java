package dev.millrace.schema.feature;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Buffers as a slot has them. */
final class Tensors {
    private Tensors() {}

    static ByteBuffer[] direct(FeatureSpec spec, int rows) {
        return spec.tensors().stream()
                .map(
                        input ->
                                ByteBuffer.allocateDirect(input.layout().rowBytes() * rows)
                                        .order(ByteOrder.nativeOrder()))
                .toArray(ByteBuffer[]::new);
    }

    static byte[] row(ByteBuffer tensor, int row, int rowBytes) {
        byte[] bytes = new byte[rowBytes];
        tensor.get(row * rowBytes, bytes);
        return bytes;
    }
}
