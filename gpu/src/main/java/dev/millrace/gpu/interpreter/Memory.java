package dev.millrace.gpu.interpreter;

import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.math.FloatMath;
import dev.millrace.gpu.model.PlanValue;
import dev.millrace.gpu.model.ScalarKind;
import dev.millrace.gpu.model.Storage;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;

/**
 * The elements of one value for some rows, in the arithmetic's own type. Reused for every chunk.
 */
final class Memory {
    final ElementType type;
    final ScalarKind kind;

    /** Elements from one row to the next; 0 for a constant. */
    final int rowStride;

    private static final float[] NO_FLOATS = {};
    private static final double[] NO_DOUBLES = {};
    private static final long[] NO_LONGS = {};

    float[] floats = NO_FLOATS;
    double[] doubles = NO_DOUBLES;
    long[] longs = NO_LONGS;

    private Memory(PlanValue value) {
        type = value.type();
        kind = ScalarKind.of(type);
        rowStride = value.isConstant() ? 0 : value.elements();
    }

    Memory(PlanValue value, int rows) {
        this(value);
        if (value.isConstant()) {
            switch (kind) {
                case F32 -> floats = value.tensor().toFloats();
                case F64 -> doubles = value.tensor().toDoubles();
                case I64 -> longs = value.tensor().toLongs();
            }
            return;
        }
        int elements = Math.multiplyExact(value.elements(), rows);
        switch (kind) {
            case F32 -> floats = new float[elements];
            case F64 -> doubles = new double[elements];
            case I64 -> longs = new long[elements];
        }
    }

    /** In place of a value whose elements nobody reads. */
    static Memory withoutElements(PlanValue value) {
        return new Memory(value);
    }

    int elements() {
        return floats.length + doubles.length + longs.length;
    }

    /** Takes rows from a slot's buffer; {@code view} is the same memory as floats. */
    void read(ByteBuffer bytes, FloatBuffer view, int firstRow, int rows) {
        int count = rows * rowStride;
        if (type == ElementType.FLOAT32) {
            view.get(firstRow * rowStride, floats, 0, count);
            return;
        }
        int position = firstRow * rowStride * type.bytes();
        for (int i = 0; i < count; i++) {
            switch (kind) {
                case F32 -> floats[i] = Storage.readFloat(bytes, type, position);
                case F64 -> doubles[i] = bytes.getDouble(position);
                case I64 -> longs[i] = Storage.readLong(bytes, type, position);
            }
            position += type.bytes();
        }
    }

    /** Gives rows to a slot's buffer; {@code view} is the same memory as floats. */
    void write(ByteBuffer bytes, FloatBuffer view, int firstRow, int rows) {
        int count = rows * rowStride;
        if (type == ElementType.FLOAT32) {
            for (int i = 0; i < count; i++) {
                floats[i] = FloatMath.canonical(floats[i]);
            }
            view.put(firstRow * rowStride, floats, 0, count);
            return;
        }
        int position = firstRow * rowStride * type.bytes();
        for (int i = 0; i < count; i++) {
            switch (kind) {
                case F32 -> Storage.writeFloat(bytes, type, position, floats[i]);
                case F64 -> bytes.putLong(position, Double.doubleToLongBits(doubles[i]));
                case I64 -> Storage.writeLong(bytes, type, position, longs[i]);
            }
            position += type.bytes();
        }
    }

    /** Stores as the value's type holds it. */
    void store(int index, float value) {
        floats[index] = type == ElementType.FLOAT32 ? value : Storage.narrow(type, value);
    }

    /** Stores as the value's type holds it. */
    void store(int index, long value) {
        longs[index] = Storage.narrow(type, value);
    }
}
