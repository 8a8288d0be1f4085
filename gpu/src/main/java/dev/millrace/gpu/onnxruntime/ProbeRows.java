package dev.millrace.gpu.onnxruntime;

import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.engine.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Rows of invented input to try a model with. The same rows for the same inputs, always.
 *
 * <p>The last two rows are hostile: NaN and infinity wherever the type has them.
 */
final class ProbeRows {
    /** Number of rows. */
    static final int COUNT = 23;

    /** Number of rows with ordinary values: rows 0 to ORDINARY - 1. */
    static final int ORDINARY = 21;

    private static final long SEED = 20_261_123L;

    /** How far values reach; a model with lookups or conversions may refuse the wider ones. */
    enum Range {
        WIDE(100, 128),
        NARROW(1, 8),
        BINARY(1, 2),
        ZERO(0, 1);

        private final float scale;
        private final int integers;

        Range(float scale, int integers) {
            this.scale = scale;
            this.integers = integers;
        }
    }

    private final List<byte[][]> rowsByInput = new ArrayList<>();

    ProbeRows(List<TensorSpec> inputs, Range range) {
        Random random = new Random(SEED);
        for (TensorSpec input : inputs) {
            byte[][] rows = new byte[COUNT][input.rowBytes()];
            for (int row = 0; row < COUNT; row++) {
                ByteBuffer target = ByteBuffer.wrap(rows[row]).order(ByteOrder.nativeOrder());
                for (int element = 0; element < input.rowElements(); element++) {
                    put(target, input, range, row, random);
                }
            }
            rowsByInput.add(rows);
        }
    }

    private static void put(
            ByteBuffer target, TensorSpec input, Range range, int row, Random random) {
        float real = real(range, row, random);
        int whole = random.nextInt(range.integers);
        ElementType type = input.type();
        switch (type) {
            case FLOAT32 -> target.putFloat(real);
            case FLOAT64 -> target.putDouble(real);
            case INT8, UINT8 -> target.put((byte) whole);
            case INT16, UINT16 -> target.putShort((short) whole);
            case INT32, UINT32 -> target.putInt(whole);
            case INT64, UINT64 -> target.putLong(whole);
            case BOOL -> target.put((byte) (whole & 1));
            case FLOAT16 -> target.putShort((short) (0x3000 + whole * 16));
            case BFLOAT16 -> target.putShort((short) (Float.floatToIntBits(real) >>> 16));
            case CATEGORY -> target.putInt(whole % Math.max(1, input.categories().size()));
        }
    }

    private static float real(Range range, int row, Random random) {
        float ordinary = (float) random.nextGaussian() * (row % 3 == 0 ? range.scale : 1);
        if (range == Range.ZERO) {
            return 0;
        }
        if (row == ORDINARY) {
            return Float.NaN;
        }
        return row > ORDINARY ? Float.POSITIVE_INFINITY : ordinary;
    }

    /** Writes one of the rows into row {@code targetRow} of the inputs' memory. */
    void write(int row, List<ByteBuffer> inputs, int targetRow) {
        for (int input = 0; input < inputs.size(); input++) {
            byte[] bytes = rowsByInput.get(input)[row];
            inputs.get(input).put(targetRow * bytes.length, bytes);
        }
    }
}
