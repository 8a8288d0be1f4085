package dev.millrace.gpu.math;

/**
 * Transcendental functions in float steps, within 2 ulp of the correctly rounded result, the same
 * bits as {@code millrace_math.cuh}. Which NaN comes back is not defined; see {@link #canonical}.
 *
 * <p>Coefficients: minimax fits rounded to float one after another, lowest power first. Accuracy is
 * measured by {@code UlpSurvey}; the figures stand in {@code gpu/NUMERICS.md}.
 */
public final class FloatMath {
    /** 1.5 * 2^23: added to a small float, it leaves the nearest integer in the low bits. */
    private static final float ROUNDER = 12582912.0f;

    private static final int ROUNDER_BITS = 0x4b400000;
    private static final float LOG2_E = 0x1.715476p+0f;
    private static final float LN2 = 0x1.62e430p-1f;

    /** Upper part of ln 2 with few enough bits that its product with an exponent is exact. */
    private static final float LN2_HIGH = 0x1.62e400p-1f;

    private static final float LN2_LOW = 0x1.7f7d1cp-20f;

    private FloatMath() {}

    /** The larger value; NaN if either is NaN; +0 rather than -0. */
    public static float max(float a, float b) {
        return Math.max(a, b);
    }

    /** The smaller value; NaN if either is NaN; -0 rather than +0. */
    public static float min(float a, float b) {
        return Math.min(a, b);
    }

    /** The value, with every NaN replaced by 0x7fc00000: what leaves an engine. */
    public static float canonical(float x) {
        return Float.isNaN(x) ? Float.NaN : x;
    }

    /** e to the power of x. */
    public static float exp(float x) {
        if (x < -104.0f) {
            // What the steps below give, without the long way that processors take to underflow.
            return 0.0f;
        }
        float c = x > 89.0f ? 89.0f : x;
        float t = Math.fma(c, LOG2_E, ROUNDER);
        int n = Float.floatToRawIntBits(t) - ROUNDER_BITS;
        float k = t - ROUNDER;
        float f = Math.fma(k, -LN2_HIGH, c);
        f = Math.fma(k, -LN2_LOW, f);
        float q = 0x1.6ac74cp-10f;
        q = Math.fma(q, f, 0x1.123de0p-7f);
        q = Math.fma(q, f, 0x1.555858p-5f);
        q = Math.fma(q, f, 0x1.55548cp-3f);
        q = Math.fma(q, f, 0x1.fffffcp-2f);
        q = Math.fma(q, f, 1.0f);
        q = Math.fma(q, f, 1.0f);
        int half = n >> 1;
        float scale1 = Float.intBitsToFloat((half + 127) << 23);
        float scale2 = Float.intBitsToFloat((n - half + 127) << 23);
        return q * scale1 * scale2;
    }

    /** Natural logarithm. */
    public static float log(float x) {
        if (!(x > 0.0f)) {
            return x == 0.0f ? Float.NEGATIVE_INFINITY : Float.NaN;
        }
        if (x == Float.POSITIVE_INFINITY) {
            return x;
        }
        float c = x;
        int e = 0;
        if (x < Float.MIN_NORMAL) {
            c = x * 0x1p23f;
            e = -23;
        }
        int bits = Float.floatToRawIntBits(c);
        int shift = (bits - 0x3f2aaaab) >> 23;
        float f = Float.intBitsToFloat(bits - (shift << 23)) - 1.0f;
        float r = Math.fma(logCore(f), f * f, f);
        return Math.fma((float) (shift + e), LN2, r);
    }

    /** log(1 + x), accurate near zero. */
    public static float log1p(float x) {
        if (!(x > -1.0f)) {
            return x == -1.0f ? Float.NEGATIVE_INFINITY : Float.NaN;
        }
        if (x == Float.POSITIVE_INFINITY) {
            return x;
        }
        if (Math.abs(x) < 0x1.555554p-2f) {
            return x == 0.0f ? x : Math.fma(logCore(x), x * x, x);
        }
        float u = 1.0f + x;
        float lost = x < 1.0f ? x - (u - 1.0f) : 1.0f - (u - x);
        return log(u) + lost / u;
    }

    /** (log(1 + f) - f) / f^2 for |f| up to 1/3. */
    private static float logCore(float f) {
        float r = -0x1.0779dap-3f;
        r = Math.fma(r, f, 0x1.1e9f54p-3f);
        r = Math.fma(r, f, -0x1.f35462p-4f);
        r = Math.fma(r, f, 0x1.1eca1cp-3f);
        r = Math.fma(r, f, -0x1.559b3cp-3f);
        r = Math.fma(r, f, 0x1.99d116p-3f);
        r = Math.fma(r, f, -0x1.ffff00p-3f);
        r = Math.fma(r, f, 0x1.555504p-2f);
        return Math.fma(r, f, -0.5f);
    }

    /** e to the power of x, minus one, accurate near zero. */
    public static float expm1(float x) {
        if (x > 17.5f) {
            return exp(x);
        }
        if (x < -18.0f) {
            return -1.0f;
        }
        float t = Math.fma(x, LOG2_E, ROUNDER);
        int n = Float.floatToRawIntBits(t) - ROUNDER_BITS;
        float k = t - ROUNDER;
        float f = Math.fma(k, -LN2_HIGH, x);
        f = Math.fma(k, -LN2_LOW, f);
        float q = 0x1.9c332ap-13f;
        q = Math.fma(q, f, 0x1.6d4e3cp-10f);
        q = Math.fma(q, f, 0x1.1113acp-7f);
        q = Math.fma(q, f, 0x1.5554eap-5f);
        q = Math.fma(q, f, 0x1.555554p-3f);
        q = Math.fma(q, f, 0.5f);
        float m = Math.fma(q, f * f, f);
        float scale = Float.intBitsToFloat((n + 127) << 23);
        return x == 0.0f ? x : Math.fma(scale, m, scale - 1.0f);
    }

    /** 1 / (1 + e^-x). */
    public static float sigmoid(float x) {
        float e = exp(-Math.abs(x));
        float d = 1.0f + e;
        return (x < 0.0f ? e : 1.0f) / d;
    }

    /** Hyperbolic tangent. */
    public static float tanh(float x) {
        float a = Math.abs(x);
        if (a < 0.55f) {
            float s = a * a;
            float p = -0x1.9921a2p-8f;
            p = Math.fma(p, s, 0x1.58e518p-6f);
            p = Math.fma(p, s, -0x1.b91e7ep-5f);
            p = Math.fma(p, s, 0x1.110ceep-3f);
            p = Math.fma(p, s, -0x1.55554ap-2f);
            return Math.copySign(Math.fma(p * s, a, a), x);
        }
        float e = exp(a + a);
        return Math.copySign(1.0f - 2.0f / (e + 1.0f), x);
    }

    /** Gauss error function. */
    public static float erf(float x) {
        float a = Math.abs(x);
        if (a < 0.93f) {
            float s = a * a;
            float p = 0x1.4f6760p-14f;
            p = Math.fma(p, s, -0x1.a60a2ep-11f);
            p = Math.fma(p, s, 0x1.544a1ap-8f);
            p = Math.fma(p, s, -0x1.b8011ap-6f);
            p = Math.fma(p, s, 0x1.ce2d64p-4f);
            p = Math.fma(p, s, -0x1.812740p-2f);
            p = Math.fma(p, s, 0x1.06eba8p-3f);
            return Math.copySign(Math.fma(p, a, a), x);
        }
        float c = a > 4.0f ? 4.0f : a;
        float q = 0x1.61f93ap-16f;
        q = Math.fma(q, c, -0x1.c798e8p-12f);
        q = Math.fma(q, c, 0x1.115c86p-8f);
        q = Math.fma(q, c, -0x1.9b8f3ep-6f);
        q = Math.fma(q, c, 0x1.bb840ep-4f);
        q = Math.fma(q, c, 0x1.44460ap-1f);
        q = Math.fma(q, c, 0x1.2127e4p+0f);
        q = Math.fma(q, c, -0x1.6e564ep-13f);
        return Math.copySign(1.0f - exp(-q), x);
    }

    /** log(1 + e^x). */
    public static float softplus(float x) {
        return (x < 0.0f ? 0.0f : x) + log1p(exp(-Math.abs(x)));
    }
}
