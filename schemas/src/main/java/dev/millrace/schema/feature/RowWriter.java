package dev.millrace.schema.feature;

import dev.millrace.schema.SmallFloats;
import dev.millrace.schema.TensorLayout;
import dev.millrace.schema.TensorType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * Writes values into the current row of the tensors' buffers, converting them as {@link
 * FeatureSpec} says. Offsets are bytes from the start of the row. A {@code put} answers false where
 * the value does not fit the element type. Reused for every record; task thread only.
 */
final class RowWriter {
    private static final double TWO_TO_63 = 0x1p63;
    private static final boolean NATIVE_IS_LITTLE_ENDIAN =
            ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

    private final int[] rowBytes;
    private final int[] rowStart;
    private ByteBuffer[] tensors = {};

    RowWriter(List<TensorLayout> layouts) {
        rowBytes = layouts.stream().mapToInt(TensorLayout::rowBytes).toArray();
        rowStart = new int[rowBytes.length];
    }

    void start(ByteBuffer[] buffers, int row) {
        tensors = buffers;
        for (int i = 0; i < rowStart.length; i++) {
            rowStart[i] = row * rowBytes[i];
        }
    }

    void copy(int tensor, int offset, byte[] source, int sourceOffset, int bytes) {
        tensors[tensor].put(rowStart[tensor] + offset, source, sourceOffset, bytes);
    }

    /** Copies elements that lie in little-endian order, as Avro and raw tensors have them. */
    void copyLittleEndian(
            int tensor, int offset, byte[] source, int sourceOffset, int bytes, int elementBytes) {
        if (NATIVE_IS_LITTLE_ENDIAN) {
            copy(tensor, offset, source, sourceOffset, bytes);
            return;
        }
        int at = rowStart[tensor] + offset;
        for (int element = 0; element < bytes; element += elementBytes) {
            for (int i = 0; i < elementBytes; i++) {
                byte value = source[sourceOffset + element + elementBytes - 1 - i];
                tensors[tensor].put(at + element + i, value);
            }
        }
    }

    void putFloat32(int tensor, int offset, float value) {
        tensors[tensor].putFloat(rowStart[tensor] + offset, value);
    }

    boolean putLong(int tensor, int offset, TensorType type, long value) {
        ByteBuffer buffer = tensors[tensor];
        int at = rowStart[tensor] + offset;
        switch (type) {
            case FLOAT32 -> buffer.putFloat(at, (float) value);
            case FLOAT64 -> buffer.putDouble(at, (double) value);
            case FLOAT16 -> buffer.putShort(at, SmallFloats.toFloat16(value));
            case BFLOAT16 -> buffer.putShort(at, SmallFloats.toBfloat16(value));
            case INT64 -> buffer.putLong(at, value);
            case UINT64 -> {
                buffer.putLong(at, value);
                return value >= 0;
            }
            case INT32, CATEGORY -> {
                buffer.putInt(at, (int) value);
                return value == (int) value;
            }
            case UINT32 -> {
                buffer.putInt(at, (int) value);
                return value == (value & 0xFFFF_FFFFL);
            }
            case INT16 -> {
                buffer.putShort(at, (short) value);
                return value == (short) value;
            }
            case UINT16 -> {
                buffer.putShort(at, (short) value);
                return value == (value & 0xFFFF);
            }
            case INT8 -> {
                buffer.put(at, (byte) value);
                return value == (byte) value;
            }
            case UINT8 -> {
                buffer.put(at, (byte) value);
                return value == (value & 0xFF);
            }
            case BOOL -> {
                buffer.put(at, (byte) value);
                return value == (value & 1);
            }
        }
        return true;
    }

    boolean putFloat(int tensor, int offset, TensorType type, float value) {
        if (type == TensorType.FLOAT32) {
            putFloat32(tensor, offset, value);
            return true;
        }
        return putDouble(tensor, offset, type, value);
    }

    boolean putDouble(int tensor, int offset, TensorType type, double value) {
        ByteBuffer buffer = tensors[tensor];
        int at = rowStart[tensor] + offset;
        switch (type) {
            case FLOAT32 -> buffer.putFloat(at, (float) value);
            case FLOAT64 -> buffer.putDouble(at, value);
            case FLOAT16 -> buffer.putShort(at, SmallFloats.toFloat16(value));
            case BFLOAT16 -> buffer.putShort(at, SmallFloats.toBfloat16(value));
            case INT64, UINT64, INT32, UINT32, INT16, UINT16, INT8, UINT8, BOOL, CATEGORY -> {
                boolean whole =
                        value >= -TWO_TO_63 && value < TWO_TO_63 && value == Math.rint(value);
                return whole && putLong(tensor, offset, type, (long) value);
            }
        }
        return true;
    }
}
