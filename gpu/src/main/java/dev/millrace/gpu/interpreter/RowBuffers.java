package dev.millrace.gpu.interpreter;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;

/**
 * The input and output buffers of one slot, with views of them made in advance so that a run makes
 * none. Immutable; the memory behind it is the slot's.
 */
public final class RowBuffers {
    final ByteBuffer[] inputs;
    final ByteBuffer[] outputs;
    final FloatBuffer[] floatInputs;
    final FloatBuffer[] floatOutputs;

    /**
     * @param inputs a buffer per model input, row r at r * rowBytes, native byte order, position 0
     * @param outputs a buffer per model output
     */
    public RowBuffers(ByteBuffer[] inputs, ByteBuffer[] outputs) {
        this.inputs = inputs.clone();
        this.outputs = outputs.clone();
        floatInputs = floats(inputs);
        floatOutputs = floats(outputs);
    }

    private static FloatBuffer[] floats(ByteBuffer[] buffers) {
        FloatBuffer[] floats = new FloatBuffer[buffers.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = buffers[i].asFloatBuffer();
        }
        return floats;
    }
}
