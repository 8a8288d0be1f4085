package dev.millrace.gpu.math;

/**
 * Conversions between element types: to integers by truncation, NaN to zero, out of range to the
 * nearest end; to floating point by rounding half to even.
 */
public final class Conversions {
    private Conversions() {}

    /** Truncates into [min, max]; NaN gives zero. The bounds are of a type of at most 32 bits. */
    public static int toInteger(float x, int min, int max) {
        int i = (int) x;
        return i < min ? min : Math.min(i, max);
    }

    /** Truncates into [0, 2^32 - 1]; the result's bits are the unsigned number. */
    public static int toUnsignedInt(float x) {
        long i = (long) x;
        return (int) (i < 0 ? 0 : Math.min(i, 0xffffffffL));
    }

    /** Truncates into [0, 2^64 - 1]; the result's bits are the unsigned number. */
    public static long toUnsignedLong(float x) {
        if (!(x > 0.0f)) {
            return 0;
        }
        if (x < 0x1p63f) {
            return (long) x;
        }
        return x < 0x1p64f ? ((long) (x * 0.5f)) << 1 : -1L;
    }

    /** Nearest float of an unsigned 64-bit number. */
    public static float fromUnsignedLong(long bits) {
        if (bits >= 0) {
            return (float) bits;
        }
        // The lowest bit is kept as a sticky bit, so that halving changes no rounding.
        return (float) ((bits >>> 1) | (bits & 1)) * 2.0f;
    }

    /** Rounds half to even, then into [min, max]; NaN gives zero. The last step of quantisation. */
    public static int roundToInteger(float x, int min, int max) {
        return toInteger((float) Math.rint(x), min, max);
    }

    /** The float that a binary16's bits stand for: always exact. */
    public static float fromFloat16(short half) {
        int sign = (half & 0x8000) << 16;
        int exponent = (half >> 10) & 31;
        int mantissa = half & 0x3ff;
        if (exponent == 0) {
            float magnitude = mantissa * 0x1p-24f;
            return Float.intBitsToFloat(Float.floatToRawIntBits(magnitude) | sign);
        }
        int wide = exponent == 31 ? 255 : exponent + 112;
        return Float.intBitsToFloat(sign | (wide << 23) | (mantissa << 13));
    }

    /** The bits of the nearest binary16; too large a value gives infinity, NaN gives 0x7e00. */
    public static short toFloat16(float x) {
        int bits = Float.floatToRawIntBits(x);
        int sign = (bits >>> 16) & 0x8000;
        int magnitude = bits & 0x7fffffff;
        if (magnitude > 0x7f800000) {
            return 0x7e00;
        }
        if (magnitude >= 0x477ff000) {
            return (short) (sign | 0x7c00);
        }
        if (magnitude < 0x38800000) {
            // Subnormal: adding 0.5 puts the bits that stay at the end, and rounds.
            float shifted = Float.intBitsToFloat(magnitude) + 0.5f;
            return (short) (sign | (Float.floatToRawIntBits(shifted) - 0x3f000000));
        }
        int rounded = magnitude + 0xfff + ((magnitude >> 13) & 1);
        return (short) (sign | ((rounded >> 13) - (112 << 10)));
    }

    /** The float that a bfloat16's bits stand for: always exact. */
    public static float fromBfloat16(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }

    /** The bits of the nearest bfloat16; NaN gives 0x7fc0. */
    public static short toBfloat16(float x) {
        int bits = Float.floatToRawIntBits(x);
        if ((bits & 0x7fffffff) > 0x7f800000) {
            return 0x7fc0;
        }
        return (short) ((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
    }
}
