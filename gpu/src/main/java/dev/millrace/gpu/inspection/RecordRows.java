package dev.millrace.gpu.inspection;

import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.engine.ModelSignature;
import dev.millrace.gpu.engine.Slot;
import dev.millrace.gpu.engine.TensorSpec;
import dev.millrace.gpu.model.HalfFloats;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;

/** Invented records of a model, and their way into and out of slots, as bytes. */
final class RecordRows {
    private static final float[] ODD = {
        Float.NaN,
        Float.POSITIVE_INFINITY,
        Float.NEGATIVE_INFINITY,
        -0f,
        0f,
        Float.MIN_VALUE,
        -1e-40f,
        Float.MAX_VALUE,
        -Float.MAX_VALUE
    };

    private RecordRows() {}

    /**
     * A record of the usual kind: numbers around 0, small whole numbers, known and unknown strings.
     */
    static byte[] ordinary(ModelSignature signature, Random random) {
        return row(signature, random, false);
    }

    /** A record with NaN, infinities, zeros of both signs, tiny and huge numbers among the rest. */
    static byte[] odd(ModelSignature signature, Random random) {
        return row(signature, random, true);
    }

    private static byte[] row(ModelSignature signature, Random random, boolean odd) {
        ByteBuffer row =
                ByteBuffer.allocate(signature.inputRowBytes()).order(ByteOrder.nativeOrder());
        for (TensorSpec input : signature.inputs()) {
            for (int element = 0; element < input.rowElements(); element++) {
                put(row, input, random, odd);
            }
        }
        return row.array();
    }

    private static void put(ByteBuffer row, TensorSpec input, Random random, boolean odd) {
        boolean special = odd && random.nextInt(3) == 0;
        float real =
                special ? ODD[random.nextInt(ODD.length)] : (float) (2 * random.nextGaussian());
        int whole = random.nextInt(2);
        switch (input.type()) {
            case FLOAT32 -> row.putFloat(real);
            case FLOAT64 -> row.putDouble(real);
            case FLOAT16 -> row.putShort(HalfFloats.toFloat16(real));
            case BFLOAT16 -> row.putShort(HalfFloats.toBfloat16(real));
            case INT8, UINT8, BOOL -> row.put((byte) whole);
            case INT16, UINT16 -> row.putShort((short) whole);
            case INT32, UINT32 -> row.putInt(whole);
            case INT64, UINT64 -> row.putLong(whole);
            case CATEGORY -> row.putInt(random.nextInt(input.categories().size() + 1) - 1);
        }
    }

    static void write(ModelSignature signature, Slot slot, int row, byte[] bytes) {
        int offset = 0;
        for (int input = 0; input < signature.inputs().size(); input++) {
            int size = signature.inputs().get(input).rowBytes();
            slot.input(input).put(row * size, bytes, offset, size);
            offset += size;
        }
    }

    static byte[] read(ModelSignature signature, Slot slot, int row) {
        byte[] bytes = new byte[signature.outputRowBytes()];
        int offset = 0;
        for (int output = 0; output < signature.outputs().size(); output++) {
            int size = signature.outputs().get(output).rowBytes();
            slot.output(output).get(row * size, bytes, offset, size);
            offset += size;
        }
        return bytes;
    }

    /** Element of an output row as a number. */
    static double number(ByteBuffer row, int position, ElementType type) {
        return switch (type) {
            case FLOAT32 -> row.getFloat(position);
            case FLOAT64 -> row.getDouble(position);
            case FLOAT16 -> HalfFloats.fromFloat16(row.getShort(position));
            case BFLOAT16 -> HalfFloats.fromBfloat16(row.getShort(position));
            case INT8 -> row.get(position);
            case UINT8, BOOL -> row.get(position) & 0xff;
            case INT16 -> row.getShort(position);
            case UINT16 -> row.getShort(position) & 0xffff;
            case INT32, CATEGORY -> row.getInt(position);
            case UINT32 -> row.getInt(position) & 0xffffffffL;
            case INT64, UINT64 -> row.getLong(position);
        };
    }
}
