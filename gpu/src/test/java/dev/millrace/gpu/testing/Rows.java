package dev.millrace.gpu.testing;

import dev.millrace.gpu.engine.Engine;
import dev.millrace.gpu.engine.ModelSignature;
import dev.millrace.gpu.engine.Slot;
import dev.millrace.gpu.engine.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;

/** Whole rows of a model's inputs and outputs as bytes, to write to and read from slots. */
public final class Rows {
    private Rows() {}

    /** A row of ordinary random values; integers and categories are 0 or 1. */
    public static byte[] random(ModelSignature signature, Random random) {
        ByteBuffer row =
                ByteBuffer.allocate(signature.inputRowBytes()).order(ByteOrder.nativeOrder());
        for (TensorSpec input : signature.inputs()) {
            for (int element = 0; element < input.rowElements(); element++) {
                putRandom(row, input, random);
            }
        }
        return row.array();
    }

    private static void putRandom(ByteBuffer row, TensorSpec input, Random random) {
        int small = random.nextInt(2);
        switch (input.type()) {
            case FLOAT32 -> row.putFloat((float) random.nextGaussian());
            case FLOAT64 -> row.putDouble(random.nextGaussian());
            case INT8, UINT8, BOOL -> row.put((byte) small);
            case INT16, UINT16 -> row.putShort((short) small);
            case INT32, UINT32, CATEGORY -> row.putInt(small);
            case INT64, UINT64 -> row.putLong(small);
            case FLOAT16 -> row.putShort((short) (0x3c00 + random.nextInt(0x400)));
            case BFLOAT16 ->
                    row.putShort(
                            (short) (Float.floatToIntBits((float) random.nextGaussian()) >>> 16));
        }
    }

    /** A row whose floats all have one value; everything else is 0. */
    public static byte[] constant(ModelSignature signature, float value) {
        ByteBuffer row =
                ByteBuffer.allocate(signature.inputRowBytes()).order(ByteOrder.nativeOrder());
        for (TensorSpec input : signature.inputs()) {
            for (int element = 0; element < input.rowElements(); element++) {
                switch (input.type()) {
                    case FLOAT32 -> row.putFloat(value);
                    case FLOAT64 -> row.putDouble(value);
                    default -> row.put(new byte[input.type().bytes()]);
                }
            }
        }
        return row.array();
    }

    /** Writes a row into a slot's input buffers. */
    public static void write(ModelSignature signature, Slot slot, int row, byte[] bytes) {
        int offset = 0;
        for (int input = 0; input < signature.inputs().size(); input++) {
            int rowBytes = signature.inputs().get(input).rowBytes();
            slot.input(input).put(row * rowBytes, bytes, offset, rowBytes);
            offset += rowBytes;
        }
    }

    /** Reads a row of a slot's input buffers. */
    public static byte[] readInput(ModelSignature signature, Slot slot, int row) {
        byte[] bytes = new byte[signature.inputRowBytes()];
        int offset = 0;
        for (int input = 0; input < signature.inputs().size(); input++) {
            int rowBytes = signature.inputs().get(input).rowBytes();
            slot.input(input).get(row * rowBytes, bytes, offset, rowBytes);
            offset += rowBytes;
        }
        return bytes;
    }

    /** Reads a row of a slot's output buffers. */
    public static byte[] readOutput(ModelSignature signature, Slot slot, int row) {
        byte[] bytes = new byte[signature.outputRowBytes()];
        int offset = 0;
        for (int output = 0; output < signature.outputs().size(); output++) {
            int rowBytes = signature.outputs().get(output).rowBytes();
            slot.output(output).get(row * rowBytes, bytes, offset, rowBytes);
            offset += rowBytes;
        }
        return bytes;
    }

    /** Scores rows in one submission and returns the outputs' bytes, row by row. */
    public static byte[][] score(Engine engine, Slot slot, byte[]... rows) {
        for (int row = 0; row < rows.length; row++) {
            write(engine.signature(), slot, row, rows[row]);
        }
        Submission.of(engine, slot, rows.length).awaitScored();
        byte[][] outputs = new byte[rows.length][];
        for (int row = 0; row < rows.length; row++) {
            outputs[row] = readOutput(engine.signature(), slot, row);
        }
        return outputs;
    }
}
