package dev.millrace.gpu.model;

/**
 * The 16-bit floating point formats: exact widening, and narrowing to nearest even with overflow to
 * infinity, gradual underflow and one NaN (0x7e00, 0x7fc0).
 */
public final class HalfFloats {
    private HalfFloats() {}

    /** Widens IEEE binary16. */
    public static float fromFloat16(short bits) {
        int sign = (bits & 0x8000) << 16;
        int exponent = (bits >> 10) & 0x1f;
        int mantissa = bits & 0x3ff;
        if (exponent == 0x1f) {
            return Float.intBitsToFloat(sign | 0x7f800000 | (mantissa << 13));
        }
        if (exponent == 0) {
            float magnitude = mantissa * 0x1p-24f;
            return sign == 0 ? magnitude : -magnitude;
        }
        return Float.intBitsToFloat(sign | ((exponent + 112) << 23) | (mantissa << 13));
    }

    /** Narrows to IEEE binary16. */
    public static short toFloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        int sign = (bits >>> 16) & 0x8000;
        float magnitude = Math.abs(value);
        if (Float.isNaN(value)) {
            return 0x7e00;
        }
        if (magnitude >= 65520f) {
            return (short) (sign | 0x7c00);
        }
        if (magnitude < 0x1p-14f) {
            // Adding 0.5 ulp-aligns subnormals: the sum's last mantissa bit is worth 2^-24.
            int aligned = Float.floatToRawIntBits(magnitude + 0.5f) - 0x3f000000;
            return (short) (sign | aligned);
        }
        int magnitudeBits = bits & 0x7fffffff;
        int rounded = magnitudeBits + 0xfff + ((magnitudeBits >> 13) & 1);
        return (short) (sign | ((rounded - (112 << 23)) >> 13));
    }

    /** Widens bfloat16. */
    public static float fromBfloat16(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }

    /** Narrows to bfloat16. */
    public static short toBfloat16(float value) {
        if (Float.isNaN(value)) {
            return 0x7fc0;
        }
        int bits = Float.floatToRawIntBits(value);
        return (short) ((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
    }
}
