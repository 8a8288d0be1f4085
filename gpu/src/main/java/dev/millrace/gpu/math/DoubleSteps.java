package dev.millrace.gpu.math;

/**
 * Double-precision building blocks of {@link WideMath}: accurate to about 2^-40 or better, far
 * beyond what a float result shows.
 */
final class DoubleSteps {
    static final double PI_HALF = 0x1.921fb54442d18p+0;

    /** 1.5 * 2^52: added to a small double, it leaves the nearest integer in the low bits. */
    private static final double ROUNDER = 6755399441055744.0;

    private static final long ROUNDER_BITS = 0x4338000000000000L;
    private static final double LN2 = 0x1.62e42fefa39efp-1;

    private static final double[] ATANH = {
        1.0 / 19, 1.0 / 17, 1.0 / 15, 1.0 / 13, 1.0 / 11, 1.0 / 9, 1.0 / 7, 1.0 / 5, 1.0 / 3
    };
    private static final double[] ATAN = {
        1.0 / 33, -1.0 / 31, 1.0 / 29, -1.0 / 27, 1.0 / 25, -1.0 / 23, 1.0 / 21, -1.0 / 19,
        1.0 / 17, -1.0 / 15, 1.0 / 13, -1.0 / 11, 1.0 / 9, -1.0 / 7, 1.0 / 5, -1.0 / 3
    };
    private static final double[] EXP = {
        1.0 / 39916800,
        1.0 / 3628800,
        1.0 / 362880,
        1.0 / 40320,
        1.0 / 5040,
        1.0 / 720,
        1.0 / 120,
        1.0 / 24,
        1.0 / 6,
        0.5,
        1.0,
        1.0
    };
    private static final double[] SIN = {
        -1.0 / 1307674368000.0,
        1.0 / 6227020800.0,
        -1.0 / 39916800,
        1.0 / 362880,
        -1.0 / 5040,
        1.0 / 120,
        -1.0 / 6
    };
    private static final double[] COS = {
        1.0 / 20922789888000.0,
        -1.0 / 87178291200.0,
        1.0 / 479001600,
        -1.0 / 3628800,
        1.0 / 40320,
        -1.0 / 720,
        1.0 / 24,
        -0.5,
        1.0
    };
    private static final double[] SINH = {
        1.0 / 6227020800.0, 1.0 / 39916800, 1.0 / 362880, 1.0 / 5040, 1.0 / 120, 1.0 / 6
    };

    private DoubleSteps() {}

    /** Horner's scheme in fused multiply-adds, highest power first. */
    static double polynomial(double[] coefficients, double z) {
        double p = coefficients[0];
        for (int i = 1; i < coefficients.length; i++) {
            p = Math.fma(p, z, coefficients[i]);
        }
        return p;
    }

    private static double oddPolynomial(double[] coefficients, double x) {
        double z = x * x;
        return Math.fma(polynomial(coefficients, z) * z, x, x);
    }

    /** Natural logarithm of a positive, finite, normal number. */
    static double log(double x) {
        long bits = Double.doubleToRawLongBits(x);
        long e = (bits - 0x3fe5555555555555L) >> 52;
        double m = Double.longBitsToDouble(bits - (e << 52));
        return Math.fma((double) e, LN2, 2.0 * oddPolynomial(ATANH, (m - 1.0) / (m + 1.0)));
    }

    /** log(1 + u) for u of at least zero. */
    static double log1p(double u) {
        if (u < 0.25) {
            return 2.0 * oddPolynomial(ATANH, u / (2.0 + u));
        }
        return log(1.0 + u);
    }

    /** e to the power of x, where x is first brought into [-700, 700]. */
    static double exp(double x) {
        double c = x > 700.0 ? 700.0 : x;
        c = c < -700.0 ? -700.0 : c;
        double t = Math.fma(c, 0x1.71547652b82fep+0, ROUNDER);
        long n = Double.doubleToRawLongBits(t) - ROUNDER_BITS;
        double k = t - ROUNDER;
        double f = Math.fma(k, -LN2, c);
        return polynomial(EXP, f) * Double.longBitsToDouble((n + 1023) << 52);
    }

    static double sin(double reduced) {
        return oddPolynomial(SIN, reduced);
    }

    static double cos(double reduced) {
        return polynomial(COS, reduced * reduced);
    }

    /** Hyperbolic sine for x in [0, 1). */
    static double smallSinh(double x) {
        return oddPolynomial(SINH, x);
    }

    /** Inverse tangent of x of at least zero, infinity included. */
    static double atan(double x) {
        boolean inverse = x > 1.0;
        double y = inverse ? 1.0 / x : x;
        boolean upper = y > 0x1.a827999fcef32p-2;
        double t = upper ? (y - 1.0) / (y + 1.0) : y;
        double r = oddPolynomial(ATAN, t);
        r = upper ? PI_HALF / 2 + r : r;
        return inverse ? PI_HALF - r : r;
    }
}
