package dev.millrace.gpu.model;

import dev.millrace.gpu.engine.ElementType;
import java.nio.ByteBuffer;

/** Elements in memory: how each {@link ElementType} is read into and written from its kind. */
public final class Storage {
    /** What every NaN becomes when it is stored: other NaN bits never reach memory. */
    public static final int CANONICAL_NAN = 0x7fc00000;

    private Storage() {}

    /** Reads an element of an F32 kind at a byte position. */
    public static float readFloat(ByteBuffer bytes, ElementType type, int position) {
        return switch (type) {
            case FLOAT32 -> bytes.getFloat(position);
            case FLOAT16 -> HalfFloats.fromFloat16(bytes.getShort(position));
            case BFLOAT16 -> HalfFloats.fromBfloat16(bytes.getShort(position));
            case FLOAT64,
                    INT8,
                    UINT8,
                    INT16,
                    UINT16,
                    INT32,
                    UINT32,
                    INT64,
                    UINT64,
                    BOOL,
                    CATEGORY ->
                    throw new IllegalArgumentException(type + " is not an F32 kind");
        };
    }

    /** Reads an element of an I64 kind at a byte position. */
    public static long readLong(ByteBuffer bytes, ElementType type, int position) {
        return switch (type) {
            case INT8 -> bytes.get(position);
            case UINT8 -> bytes.get(position) & 0xff;
            case BOOL -> bytes.get(position) != 0 ? 1 : 0;
            case INT16 -> bytes.getShort(position);
            case UINT16 -> bytes.getShort(position) & 0xffff;
            case INT32, CATEGORY -> bytes.getInt(position);
            case UINT32 -> bytes.getInt(position) & 0xffffffffL;
            case INT64, UINT64 -> bytes.getLong(position);
            case FLOAT32, FLOAT64, FLOAT16, BFLOAT16 ->
                    throw new IllegalArgumentException(type + " is not an I64 kind");
        };
    }

    /** Writes an element of an F32 kind; a NaN becomes the canonical one. */
    public static void writeFloat(ByteBuffer bytes, ElementType type, int position, float value) {
        switch (type) {
            case FLOAT32 -> bytes.putInt(position, Float.floatToIntBits(value));
            case FLOAT16 -> bytes.putShort(position, HalfFloats.toFloat16(value));
            case BFLOAT16 -> bytes.putShort(position, HalfFloats.toBfloat16(value));
            case FLOAT64,
                    INT8,
                    UINT8,
                    INT16,
                    UINT16,
                    INT32,
                    UINT32,
                    INT64,
                    UINT64,
                    BOOL,
                    CATEGORY ->
                    throw new IllegalArgumentException(type + " is not an F32 kind");
        }
    }

    /** Writes an element of an I64 kind: its low bits, or for BOOL whether it is not 0. */
    public static void writeLong(ByteBuffer bytes, ElementType type, int position, long value) {
        switch (type) {
            case INT8, UINT8 -> bytes.put(position, (byte) value);
            case BOOL -> bytes.put(position, (byte) (value != 0 ? 1 : 0));
            case INT16, UINT16 -> bytes.putShort(position, (short) value);
            case INT32, UINT32, CATEGORY -> bytes.putInt(position, (int) value);
            case INT64, UINT64 -> bytes.putLong(position, value);
            case FLOAT32, FLOAT64, FLOAT16, BFLOAT16 ->
                    throw new IllegalArgumentException(type + " is not an I64 kind");
        }
    }

    /** An F32 value as if stored to {@code type} and loaded again. */
    public static float narrow(ElementType type, float value) {
        return switch (type) {
            case FLOAT16 -> HalfFloats.fromFloat16(HalfFloats.toFloat16(value));
            case BFLOAT16 -> HalfFloats.fromBfloat16(HalfFloats.toBfloat16(value));
            case FLOAT32 -> value;
            case FLOAT64,
                    INT8,
                    UINT8,
                    INT16,
                    UINT16,
                    INT32,
                    UINT32,
                    INT64,
                    UINT64,
                    BOOL,
                    CATEGORY ->
                    throw new IllegalArgumentException(type + " is not an F32 kind");
        };
    }

    /** An I64 value as if stored to {@code type} and loaded again. */
    public static long narrow(ElementType type, long value) {
        return switch (type) {
            case INT8 -> (byte) value;
            case UINT8 -> value & 0xff;
            case BOOL -> value != 0 ? 1 : 0;
            case INT16 -> (short) value;
            case UINT16 -> value & 0xffff;
            case INT32, CATEGORY -> (int) value;
            case UINT32 -> value & 0xffffffffL;
            case INT64, UINT64 -> value;
            case FLOAT32, FLOAT64, FLOAT16, BFLOAT16 ->
                    throw new IllegalArgumentException(type + " is not an I64 kind");
        };
    }

    static void write(ByteBuffer bytes, ElementType type, int position, Tensor tensor, int index) {
        switch (tensor.kind()) {
            case F32 -> writeFloat(bytes, type, position, tensor.floatAt(index));
            case F64 -> bytes.putLong(position, Double.doubleToLongBits(tensor.doubleAt(index)));
            case I64 -> writeLong(bytes, type, position, tensor.longAt(index));
        }
    }
}
