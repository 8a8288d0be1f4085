package dev.millrace.gpu.testing;

import dev.millrace.gpu.engine.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Random;

/** Inputs and outputs of a plan, as a slot has them. */
public final class TestBuffers {
    private TestBuffers() {}

    /** One buffer of so many rows per tensor. */
    public static ByteBuffer[] of(List<TensorSpec> specs, int rows) {
        return specs.stream()
                .map(
                        spec ->
                                ByteBuffer.allocateDirect(rows * spec.rowBytes())
                                        .order(ByteOrder.nativeOrder()))
                .toArray(ByteBuffer[]::new);
    }

    /** Ordinary floats, small integers and any bits. */
    public static void fill(ByteBuffer buffer, Random random) {
        for (int at = 0; at + 4 <= buffer.capacity(); at += 4) {
            switch (random.nextInt(4)) {
                case 0 -> buffer.putInt(at, random.nextInt());
                case 1 -> buffer.putInt(at, random.nextInt(10));
                default -> buffer.putFloat(at, (float) random.nextGaussian());
            }
        }
    }
}
