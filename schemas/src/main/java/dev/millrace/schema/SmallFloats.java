package dev.millrace.schema;

/**
 * Conversion between the 16-bit floating-point formats and Java's numbers. To 16 bits: rounded
 * once, to nearest, ties to even. From 16 bits: exact.
 *
 * <p>A value first becomes a float rounded to odd: truncated, with the last bit set if anything was
 * lost. With at least two bits to spare, rounding that to nearest gives what rounding the value
 * itself would (Boldo and Melquiond, "Emulation of FMA and correctly rounded sums", 2008).
 */
public final class SmallFloats {
    private static final int LOST_TO_DOUBLE = 0x7FF;

    private SmallFloats() {}

    public static short toFloat16(long value) {
        return toFloat16(exactOrSticky(value));
    }

    public static short toBfloat16(long value) {
        return toBfloat16(exactOrSticky(value));
    }

    public static short toFloat16(double value) {
        int bits = Float.floatToRawIntBits(roundToOdd(value));
        int sign = (bits >>> 16) & 0x8000;
        int magnitude = bits & 0x7FFF_FFFF;
        if (magnitude > 0x7F80_0000) {
            return (short) (sign | 0x7E00);
        }
        if (magnitude >= 0x4780_0000) {
            return (short) (sign | 0x7C00);
        }
        if (magnitude < 0x3880_0000) {
            return (short) (sign | subnormalFloat16(magnitude));
        }
        int rebiased = magnitude - 0x3800_0000;
        return (short) (sign | roundShift(rebiased, 13));
    }

    public static short toBfloat16(double value) {
        int bits = Float.floatToRawIntBits(roundToOdd(value));
        int sign = (bits >>> 16) & 0x8000;
        int magnitude = bits & 0x7FFF_FFFF;
        if (magnitude > 0x7F80_0000) {
            return (short) (sign | 0x7FC0);
        }
        return (short) (sign | roundShift(magnitude, 16));
    }

    public static float fromFloat16(short value) {
        int magnitude = value & 0x7FFF;
        int sign = (value & 0x8000) << 16;
        if (magnitude >= 0x7C00) {
            return Float.intBitsToFloat(sign | 0x7F80_0000 | ((magnitude & 0x3FF) << 13));
        }
        if (magnitude < 0x400) {
            float subnormal = magnitude * 0x1p-24f;
            return Float.intBitsToFloat(sign | Float.floatToRawIntBits(subnormal));
        }
        return Float.intBitsToFloat(sign | ((magnitude << 13) + 0x3800_0000));
    }

    public static float fromBfloat16(short value) {
        return Float.intBitsToFloat(value << 16);
    }

    private static int subnormalFloat16(int magnitude) {
        int exponent = magnitude >>> 23;
        // 126 is the exponent field at which a 24-bit significand counts 2^-24, float16's least.
        int shift = 126 - exponent;
        if (shift > 25) {
            return 0;
        }
        return roundShift((magnitude & 0x7F_FFFF) | 0x80_0000, shift);
    }

    private static int roundShift(int value, int shift) {
        int half = 1 << (shift - 1);
        int odd = (value >>> shift) & 1;
        return (value + half - 1 + odd) >>> shift;
    }

    /** A double that rounds to any shorter format as the integer itself would. */
    private static double exactOrSticky(long value) {
        if (value == (value << 11 >> 11)) {
            return value;
        }
        long kept = value & ~LOST_TO_DOUBLE;
        boolean lost = (value & LOST_TO_DOUBLE) != 0;
        return lost ? kept | (LOST_TO_DOUBLE + 1) : kept;
    }

    private static float roundToOdd(double value) {
        float nearest = (float) value;
        if (nearest == value || Double.isNaN(value)) {
            return nearest;
        }
        int bits = Float.floatToRawIntBits(nearest);
        boolean roundedAway = Math.abs((double) nearest) > Math.abs(value);
        int truncated = roundedAway ? bits - 1 : bits;
        return Float.intBitsToFloat(truncated | 1);
    }
}
