package dev.millrace.schema;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Reads one score of a row from an output's buffer and writes its values in Avro binary. */
final class ScoreColumn {
    private static final VarHandle INTS =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final byte[] UNKNOWN = AvroBytes.string("");

    private final ScoreField field;
    private final TensorType type;
    private final int rowBytes;
    private final int firstByte;
    private final int count;
    private final boolean scalar;
    private final byte[][] categories;

    ScoreColumn(ScoreField field) {
        this.field = field;
        this.type = field.layout().type();
        this.rowBytes = field.layout().rowBytes();
        this.scalar = field.scalar();
        this.firstByte = Math.max(0, field.element()) * type.bytes();
        this.count = scalar ? 1 : field.layout().rowElements();
        this.categories =
                field.layout().categories().stream().map(AvroBytes::string).toArray(byte[][]::new);
    }

    int count() {
        return count;
    }

    boolean scalar() {
        return scalar;
    }

    /** Size of the values where it is the same for every row, else 0. */
    int fixedBytes() {
        return switch (type) {
            case FLOAT32, FLOAT16, BFLOAT16 -> Float.BYTES * count;
            case FLOAT64 -> Double.BYTES * count;
            case BOOL -> count;
            case INT8, UINT8, INT16, UINT16, INT32, UINT32, INT64, UINT64, CATEGORY -> 0;
        };
    }

    /** Size of this row's values where it depends on them, else 0. */
    int variableBytes(ByteBuffer[] outputs, int row) {
        if (fixedBytes() > 0) {
            return 0;
        }
        ByteBuffer output = outputs[field.output()];
        int at = row * rowBytes + firstByte;
        int bytes = 0;
        for (int i = 0; i < count; i++, at += type.bytes()) {
            bytes +=
                    type == TensorType.CATEGORY
                            ? category(output.getInt(at)).length
                            : AvroBytes.longBytes(integer(output, at));
        }
        return bytes;
    }

    /** Writes this row's values and returns the position behind them. */
    int write(ByteBuffer[] outputs, int row, byte[] target, int position) {
        ByteBuffer output = outputs[field.output()];
        int from = row * rowBytes + firstByte;
        int at = position;
        for (int i = 0; i < count; i++, from += type.bytes()) {
            at = writeElement(output, from, target, at);
        }
        return at;
    }

    private int writeElement(ByteBuffer output, int from, byte[] target, int at) {
        switch (type) {
            case FLOAT32 -> INTS.set(target, at, output.getInt(from));
            case FLOAT64 -> LONGS.set(target, at, output.getLong(from));
            case FLOAT16 -> putFloat(target, at, SmallFloats.fromFloat16(output.getShort(from)));
            case BFLOAT16 -> putFloat(target, at, SmallFloats.fromBfloat16(output.getShort(from)));
            case CATEGORY -> {
                byte[] name = category(output.getInt(from));
                System.arraycopy(name, 0, target, at, name.length);
                return at + name.length;
            }
            case BOOL -> {
                int value = output.get(from) == 0 ? 0 : 1;
                target[at] = (byte) (scalar ? value : value << 1);
                return at + 1;
            }
            case INT8, UINT8, INT16, UINT16, INT32, UINT32, INT64, UINT64 -> {
                return AvroBytes.putLong(target, at, integer(output, from));
            }
        }
        return at + (type == TensorType.FLOAT64 ? Double.BYTES : Float.BYTES);
    }

    private static void putFloat(byte[] target, int at, float value) {
        INTS.set(target, at, Float.floatToRawIntBits(value));
    }

    private long integer(ByteBuffer output, int at) {
        return switch (type) {
            case INT8 -> output.get(at);
            case UINT8 -> output.get(at) & 0xFF;
            case INT16 -> output.getShort(at);
            case UINT16 -> output.getShort(at) & 0xFFFF;
            case INT32 -> output.getInt(at);
            case UINT32 -> output.getInt(at) & 0xFFFF_FFFFL;
            case INT64 -> output.getLong(at);
            case UINT64, FLOAT32, FLOAT64, FLOAT16, BFLOAT16, BOOL, CATEGORY ->
                    throw new IllegalStateException(type + " is not read as an integer");
        };
    }

    private byte[] category(int index) {
        if (index == -1) {
            return UNKNOWN;
        }
        if (index < 0 || index >= categories.length) {
            throw new IllegalStateException(
                    "The engine gave category %d for output %s, which has %d"
                            .formatted(index, field.layout().name(), categories.length));
        }
        return categories[index];
    }
}
