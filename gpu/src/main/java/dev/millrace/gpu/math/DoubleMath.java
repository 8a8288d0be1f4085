package dev.millrace.gpu.math;

/**
 * Transcendental functions in double steps, within 2 ulp of the correctly rounded result, the same
 * bits as {@code millrace_math.cuh}. Which NaN comes back is not defined.
 *
 * <p>Sums of two doubles carry what the larger one lost, so that little more than the last rounding
 * shows. Coefficients: interpolation at Chebyshev nodes in 200 bits (for the error function's upper
 * part a weighted fit), rounded to double, highest power first. Accuracy is measured by {@code
 * DoubleUlpSurvey}; the figures stand in {@code gpu/NUMERICS.md}.
 */
public final class DoubleMath {
    /** 1.5 * 2^52: added to a small double, it leaves the nearest integer in the low bits. */
    private static final double ROUNDER = 6755399441055744.0;

    private static final long ROUNDER_BITS = 0x4338000000000000L;
    private static final double LOG2_E = 0x1.71547652b82fep+0;

    /** Upper part of ln 2 with few enough bits that its product with an exponent is exact. */
    private static final double LN2_HIGH = 0x1.62e42fefa3800p-1;

    private static final double LN2_LOW = 0x1.ef35793c76730p-45;
    private static final double THIRD = 0x1.5555555555555p-2;

    /** What a third is more than {@link #THIRD}. */
    private static final double THIRD_LOW = 0x1.5555555555555p-56;

    /** From here on x^2 + 1 and x^2 have the same square root. */
    private static final double LARGE = 0x1p28;

    /** (e^f - 1 - f) / f^2 for |f| up to ln(2)/2. */
    private static final double[] EXP = {
        0x1.61bff1c64f494p-33,
        0x1.1f7f6aa421dd8p-29,
        0x1.ae642c5c1fa33p-26,
        0x1.27e4d3f50d87fp-22,
        0x1.71de3a5aaefb9p-19,
        0x1.a01a01a9f72adp-16,
        0x1.a01a01a01969bp-13,
        0x1.6c16c16c15a48p-10,
        0x1.1111111111111p-7,
        0x1.5555555555557p-5,
        0x1.5555555555555p-3,
        0.5
    };

    /** (atanh(s)/s - 1) / s^2, in s^2, for |s| up to 0.172. */
    private static final double[] LOG = {
        0x1.0c0aff044a981p-4,
        0x1.0fbde0f4ad179p-4,
        0x1.3b1c3c1c81c90p-4,
        0x1.745cf8e4bba1bp-4,
        0x1.c71c7201a55d7p-4,
        0x1.2492492476a1ap-3,
        0x1.9999999999a39p-3,
        0x1.5555555555555p-2
    };

    /** ((atanh(s)/s - 1) / s^2 - 1/3) / s^2, in s^2, for |s| up to 0.172. */
    private static final double[] POW = {
        0x1.087e494564f23p-4,
        0x1.1018374c7eb99p-4,
        0x1.3b18bc82cc779p-4,
        0x1.745d09e3d8240p-4,
        0x1.c71c71d7fbbacp-4,
        0x1.249249248e4d8p-3,
        0x1.999999999999fp-3
    };

    /** (tanh(a)/a - 1) / a^2, in a^2, for a up to 0.55. */
    private static final double[] TANH = {
        -0x1.59718922d52edp-16,
        0x1.64e9db7df7702p-14,
        -0x1.ec0a900d5815cp-13,
        0x1.34c5272f2c133p-11,
        -0x1.7d97c2add0641p-10,
        0x1.d6d33860c95aap-9,
        -0x1.226e32ec0ef6ap-7,
        0x1.664f4876fd0d1p-6,
        -0x1.ba1ba1b9fe8a1p-5,
        0x1.1111111111030p-3,
        -0x1.5555555555555p-2
    };

    /** erf(a)/a - 1, in a^2, for a up to 1. */
    private static final double[] ERF = {
        -0x1.29971a2b8c682p-38,
        0x1.7ef9816d93492p-34,
        -0x1.4e5e20d9bb5fap-30,
        0x1.fc42dd57d886cp-27,
        -0x1.5f6d8a893c396p-23,
        0x1.b9e64fed6bd39p-20,
        -0x1.f4d2561089023p-17,
        0x1.f9a326c1c6edfp-14,
        -0x1.c02db3fee866fp-11,
        0x1.565bcd0e64f5bp-8,
        -0x1.b82ce312889b6p-6,
        0x1.ce2f21a042bdep-4,
        -0x1.812746b0379e7p-2,
        0x1.06eba8214db69p-3
    };

    /** -log(1 - erf(u + 1)) for u up to 5, as exact as 1 less the exponential shows. */
    private static final double[] ERFC = {
        -0x1.25280044a3710p-40,
        0x1.fbef211901db6p-36,
        -0x1.959236c7ad197p-32,
        0x1.8a2e2adf18153p-29,
        -0x1.0079d5bbf5fb4p-26,
        0x1.bf76f6ea6c223p-25,
        -0x1.a37ce1fe2e406p-24,
        -0x1.3260bcf31b7d8p-23,
        0x1.146c294519235p-19,
        -0x1.4269a6c067ecap-17,
        0x1.c7a6b8383dfb5p-16,
        -0x1.b8de33d27a0cdp-16,
        -0x1.f1b38e8268e66p-13,
        0x1.033f65c57b744p-9,
        -0x1.48c9d3ec12919p-7,
        0x1.5477f09c0a33ap-5,
        0x1.afabc11a29589p-1,
        0x1.51c9b0006c237p+1,
        0x1.d97fbf27aa2a1p+0
    };

    /** (sinh(a)/a - 1) / a^2, in a^2, for a up to 1. */
    private static final double[] SINH = {
        0x1.99f1ba85cd319p-49,
        0x1.ae777839b3498p-41,
        0x1.612467d1c2fabp-33,
        0x1.ae64567924223p-26,
        0x1.71de3a556f9acp-19,
        0x1.a01a01a01a001p-13,
        0x1.1111111111111p-7,
        0x1.5555555555555p-3
    };

    private DoubleMath() {}

    /** e to the power of x. */
    public static double exp(double x) {
        return exp(x, 0.0, 0);
    }

    /** 2^shift * e^(x + low), for a shift of 0 or -1. */
    private static double exp(double x, double low, int shift) {
        if (x < -746.0) {
            return 0.0;
        }
        double c = x > 711.0 ? 711.0 : x;
        double t = Math.fma(c, LOG2_E, ROUNDER);
        double k = t - ROUNDER;
        double h = Math.fma(k, -LN2_HIGH, c);
        double l = Math.fma(k, LN2_LOW, -low);
        double f = h - l;
        double r = expRest(f, (h - f) - l);
        double g = f + r;
        double y = 1.0 + g;
        double p = y + (((1.0 - y) + g) + ((f - g) + r));
        int n = (int) (Double.doubleToRawLongBits(t) - ROUNDER_BITS) + shift;
        int half = n >> 1;
        return p * powerOfTwo(half) * powerOfTwo(n - half);
    }

    /** e^(f + lost) - 1 - f. */
    private static double expRest(double f, double lost) {
        double q = DoubleSteps.polynomial(EXP, f);
        return Math.fma(f * f, q, Math.fma(lost, f, lost));
    }

    private static double powerOfTwo(int n) {
        return Double.longBitsToDouble((long) (n + 1023) << 52);
    }

    /** e to the power of x, minus one, accurate near zero. */
    public static double expm1(double x) {
        if (x > 37.0) {
            return exp(x);
        }
        if (x < -40.0) {
            return -1.0;
        }
        if (x == 0.0) {
            return x;
        }
        double t = Math.fma(x, LOG2_E, ROUNDER);
        double k = t - ROUNDER;
        double h = Math.fma(k, -LN2_HIGH, x);
        double l = Math.fma(k, LN2_LOW, -0.0);
        double f = h - l;
        double r = expRest(f, (h - f) - l);
        double s = powerOfTwo((int) (Double.doubleToRawLongBits(t) - ROUNDER_BITS));
        double b = s - 1.0;
        double g = s * f;
        double y = b + g;
        return y + Math.fma(s, r, (b - y) + g);
    }

    /** Natural logarithm. */
    public static double log(double x) {
        if (!(x > 0.0)) {
            return x == 0.0 ? Double.NEGATIVE_INFINITY : Double.NaN;
        }
        if (x == Double.POSITIVE_INFINITY) {
            return x;
        }
        double c = normal(x);
        int e = exponent(c);
        return log(x < Double.MIN_NORMAL ? e - 54 : e, fraction(c, e), 0.0);
    }

    /** log(1 + x), accurate near zero. */
    public static double log1p(double x) {
        if (!(x > -1.0)) {
            return x == -1.0 ? Double.NEGATIVE_INFINITY : Double.NaN;
        }
        if (x == Double.POSITIVE_INFINITY || x == 0.0) {
            return x;
        }
        if (Math.abs(x) < 0.28125) {
            return log(0, x, 0.0);
        }
        double u = 1.0 + x;
        double lost = x < 1.0 ? x - (u - 1.0) : 1.0 - (u - x);
        int e = exponent(u);
        return log(e, fraction(u, e), lost / u);
    }

    /** log(2x) for finite x of at least {@link #LARGE}. */
    private static double logTwice(double x) {
        int e = exponent(x);
        return log(e + 1, fraction(x, e), 0.0);
    }

    private static double normal(double x) {
        return x < Double.MIN_NORMAL ? x * 0x1p54 : x;
    }

    /** The e for which x = 2^e (1 + f), 1 + f from sqrt(1/2) to sqrt(2). */
    private static int exponent(double x) {
        return (int) ((Double.doubleToRawLongBits(x) - 0x3fe6a09e667f3bcdL) >> 52);
    }

    /** The f that belongs to {@link #exponent}. */
    private static double fraction(double x, int e) {
        return Double.longBitsToDouble(Double.doubleToRawLongBits(x) - ((long) e << 52)) - 1.0;
    }

    /** e ln 2 + log(1 + f) + more, where |more| is far below 1. */
    private static double log(int e, double f, double more) {
        double s = f / (2.0 + f);
        double z = s * s;
        double p = DoubleSteps.polynomial(LOG, z);
        double k = e;
        double l = Math.fma(k, LN2_LOW, more);
        double t = Math.fma(s, f - (z + z) * p, -l);
        double v = f - t;
        double b = k * LN2_HIGH;
        double y = b + v;
        return y + (((b - y) + v) + ((f - v) - t));
    }

    /** 1 / (1 + e^-x). */
    public static double sigmoid(double x) {
        double e = exp(-Math.abs(x));
        double d = 1.0 + e;
        return (x < 0.0 ? e : 1.0) / d;
    }

    /** Hyperbolic tangent. */
    public static double tanh(double x) {
        double a = Math.abs(x);
        if (a < 0.55) {
            return Math.copySign(odd(TANH, a), x);
        }
        return Math.copySign(1.0 - 2.0 / (exp(a + a) + 1.0), x);
    }

    private static double odd(double[] coefficients, double a) {
        double s = a * a;
        return Math.fma(DoubleSteps.polynomial(coefficients, s) * s, a, a);
    }

    /** Gauss error function. */
    public static double erf(double x) {
        double a = Math.abs(x);
        if (a < 1.0) {
            return Math.copySign(Math.fma(DoubleSteps.polynomial(ERF, a * a), a, a), x);
        }
        double u = (a > 6.0 ? 6.0 : a) - 1.0;
        return Math.copySign(1.0 - exp(-DoubleSteps.polynomial(ERFC, u)), x);
    }

    /** log(1 + e^x). */
    public static double softplus(double x) {
        return (x < 0.0 ? 0.0 : x) + log1p(exp(-Math.abs(x)));
    }

    /** Hyperbolic sine. */
    public static double sinh(double x) {
        double a = Math.abs(x);
        if (a < 1.0) {
            return Math.copySign(odd(SINH, a), x);
        }
        double e = exp(a, 0.0, -1);
        return Math.copySign(e - 0.25 / e, x);
    }

    /** Hyperbolic cosine. */
    public static double cosh(double x) {
        double e = exp(Math.abs(x), 0.0, -1);
        return e + 0.25 / e;
    }

    /** Inverse of the hyperbolic sine. */
    public static double asinh(double x) {
        double a = Math.abs(x);
        if (!(a < Double.POSITIVE_INFINITY)) {
            return x;
        }
        if (a >= LARGE) {
            return Math.copySign(logTwice(a), x);
        }
        double z = a * a;
        return Math.copySign(log1p(a + z / (1.0 + Math.sqrt(1.0 + z))), x);
    }

    /** Inverse of the hyperbolic cosine. */
    public static double acosh(double x) {
        if (!(x >= 1.0)) {
            return Double.NaN;
        }
        if (x == Double.POSITIVE_INFINITY) {
            return x;
        }
        if (x >= LARGE) {
            return logTwice(x);
        }
        double t = x - 1.0;
        return log1p(t + Math.sqrt(t * (t + 2.0)));
    }

    /** Inverse of the hyperbolic tangent. */
    public static double atanh(double x) {
        double a = Math.abs(x);
        if (!(a <= 1.0)) {
            return Double.NaN;
        }
        if (a == 1.0) {
            return Math.copySign(Double.POSITIVE_INFINITY, x);
        }
        return Math.copySign(0.5 * log1p((a + a) / (1.0 - a)), x);
    }

    /**
     * x to the power of y with the special cases of IEEE 754: 1 if y is zero or x is one, NaN for a
     * negative finite x and a fractional y.
     */
    public static double pow(double x, double y) {
        if (y == 0.0 || x == 1.0) {
            return 1.0;
        }
        if (Double.isNaN(x) || Double.isNaN(y)) {
            return Double.NaN;
        }
        double ax = Math.abs(x);
        double ay = Math.abs(y);
        boolean whole = ay >= 0x1p53 || (double) (long) ay == ay;
        boolean odd = ay < 0x1p53 && whole && ((long) ay & 1) != 0;
        boolean negative = Double.doubleToRawLongBits(x) < 0;
        double r;
        if (ax == 0.0) {
            r = y < 0.0 ? Double.POSITIVE_INFINITY : 0.0;
        } else if (ax == Double.POSITIVE_INFINITY) {
            r = y < 0.0 ? 0.0 : Double.POSITIVE_INFINITY;
        } else if (ay == Double.POSITIVE_INFINITY) {
            r = powOfInfinity(ax, y);
        } else if (negative && !whole) {
            return Double.NaN;
        } else {
            r = positivePow(ax, y);
        }
        return negative && odd ? -r : r;
    }

    private static double powOfInfinity(double ax, double y) {
        if (ax == 1.0) {
            return 1.0;
        }
        return (ax > 1.0) == (y > 0.0) ? Double.POSITIVE_INFINITY : 0.0;
    }

    /** e^(y log x) for positive finite x and finite y; the logarithm is a sum of two doubles. */
    private static double positivePow(double x, double y) {
        double c = normal(x);
        int e = exponent(c);
        double f = fraction(c, e);
        double k = x < Double.MIN_NORMAL ? e - 54 : e;
        double g = 2.0 + f;
        double s = f / g;
        double sl = (Math.fma(-s, g, f) - s * (f - (g - 2.0))) / g;
        double z = s * s;
        double zl = Math.fma(s + s, sl, Math.fma(s, s, -z));
        double q = DoubleSteps.polynomial(POW, z);
        double d = z * THIRD;
        double third = Math.fma(zl, THIRD, Math.fma(z, THIRD, -d));
        double dl = Math.fma(z * z, q, Math.fma(z, THIRD_LOW, third));
        double a = s + s;
        double b = a * d;
        double low = Math.fma(sl + sl, d, sl + sl) + Math.fma(a, dl, Math.fma(a, d, -b));
        double h = a + b;
        double t = k * LN2_HIGH;
        double v = t + h;
        double w = ((t - v) + h) + (((a - h) + b) + Math.fma(k, LN2_LOW, low));
        double l = v + w;
        double ll = (v - l) + w;
        double p = y * l;
        if (p > 711.0) {
            return Double.POSITIVE_INFINITY;
        }
        if (p < -746.0) {
            return 0.0;
        }
        return exp(p, Math.fma(y, ll, Math.fma(y, l, -p)), 0);
    }
}
