package dev.millrace.gpu.math;

/**
 * Rarer functions of a float: computed in double steps and rounded to float once at the end, so
 * within 1 ulp of the correctly rounded result. The same bits as {@code millrace_math.cuh}.
 */
public final class WideMath {
    private WideMath() {}

    /**
     * x to the power of y with the special cases of IEEE 754: 1 if y is zero or x is one, NaN for a
     * negative finite x and a fractional y.
     */
    public static float pow(float x, float y) {
        if (y == 0.0f || x == 1.0f) {
            return 1.0f;
        }
        if (Float.isNaN(x) || Float.isNaN(y)) {
            return Float.NaN;
        }
        float ax = Math.abs(x);
        float ay = Math.abs(y);
        boolean whole = ay >= 0x1p24f || (float) (int) ay == ay;
        boolean odd = ay < 0x1p24f && whole && ((int) ay & 1) != 0;
        boolean negative = Float.floatToRawIntBits(x) < 0;
        float r;
        if (ax == 0.0f) {
            r = y < 0.0f ? Float.POSITIVE_INFINITY : 0.0f;
        } else if (ax == Float.POSITIVE_INFINITY) {
            r = y < 0.0f ? 0.0f : Float.POSITIVE_INFINITY;
        } else if (ay == Float.POSITIVE_INFINITY) {
            r = powOfInfinity(ax, y);
        } else if (negative && !whole) {
            return Float.NaN;
        } else {
            r = (float) DoubleSteps.exp((double) y * DoubleSteps.log((double) ax));
        }
        return negative && odd ? -r : r;
    }

    private static float powOfInfinity(float ax, float y) {
        if (ax == 1.0f) {
            return 1.0f;
        }
        return (ax > 1.0f) == (y > 0.0f) ? Float.POSITIVE_INFINITY : 0.0f;
    }

    public static float sin(float x) {
        if (!(Math.abs(x) < Float.POSITIVE_INFINITY)) {
            return Float.NaN;
        }
        if (x == 0.0f) {
            return x;
        }
        int quadrant = AngleReduction.quadrant(x);
        double r = AngleReduction.remainder(x);
        double v = (quadrant & 1) != 0 ? DoubleSteps.cos(r) : DoubleSteps.sin(r);
        return (float) ((quadrant & 2) != 0 ? -v : v);
    }

    public static float cos(float x) {
        if (!(Math.abs(x) < Float.POSITIVE_INFINITY)) {
            return Float.NaN;
        }
        int quadrant = AngleReduction.quadrant(x);
        double r = AngleReduction.remainder(x);
        double v = (quadrant & 1) != 0 ? DoubleSteps.sin(r) : DoubleSteps.cos(r);
        return (float) (((quadrant + 1) & 2) != 0 ? -v : v);
    }

    public static float tan(float x) {
        if (!(Math.abs(x) < Float.POSITIVE_INFINITY)) {
            return Float.NaN;
        }
        if (x == 0.0f) {
            return x;
        }
        double r = AngleReduction.remainder(x);
        double s = DoubleSteps.sin(r);
        double c = DoubleSteps.cos(r);
        return (float) ((AngleReduction.quadrant(x) & 1) != 0 ? -c / s : s / c);
    }

    public static float atan(float x) {
        if (Float.isNaN(x)) {
            return Float.NaN;
        }
        return Math.copySign((float) DoubleSteps.atan((double) Math.abs(x)), x);
    }

    public static float asin(float x) {
        double a = Math.abs((double) x);
        if (!(a <= 1.0)) {
            return Float.NaN;
        }
        return Math.copySign((float) DoubleSteps.atan(a / Math.sqrt((1.0 - a) * (1.0 + a))), x);
    }

    public static float acos(float x) {
        double a = Math.abs((double) x);
        if (!(a <= 1.0)) {
            return Float.NaN;
        }
        double r =
                a == 0.0
                        ? DoubleSteps.PI_HALF
                        : DoubleSteps.atan(Math.sqrt((1.0 - a) * (1.0 + a)) / a);
        return (float) (x < 0.0f ? 2 * DoubleSteps.PI_HALF - r : r);
    }

    public static float sinh(float x) {
        if (Float.isNaN(x)) {
            return Float.NaN;
        }
        double a = Math.abs((double) x);
        if (a < 1.0) {
            return Math.copySign((float) DoubleSteps.smallSinh(a), x);
        }
        double e = DoubleSteps.exp(a);
        return Math.copySign((float) ((e - 1.0 / e) * 0.5), x);
    }

    public static float cosh(float x) {
        if (Float.isNaN(x)) {
            return Float.NaN;
        }
        double e = DoubleSteps.exp(Math.abs((double) x));
        return (float) ((e + 1.0 / e) * 0.5);
    }

    public static float asinh(float x) {
        float a = Math.abs(x);
        if (!(a < Float.POSITIVE_INFINITY)) {
            return Float.isNaN(x) ? Float.NaN : x;
        }
        double d = (double) a;
        double u = d + d * d / (1.0 + Math.sqrt(Math.fma(d, d, 1.0)));
        return Math.copySign((float) DoubleSteps.log1p(u), x);
    }

    public static float acosh(float x) {
        if (!(x >= 1.0f)) {
            return Float.NaN;
        }
        if (x == Float.POSITIVE_INFINITY) {
            return x;
        }
        double t = (double) x - 1.0;
        return (float) DoubleSteps.log1p(t + Math.sqrt(t * (t + 2.0)));
    }

    public static float atanh(float x) {
        float a = Math.abs(x);
        if (!(a <= 1.0f)) {
            return Float.NaN;
        }
        if (a == 1.0f) {
            return Math.copySign(Float.POSITIVE_INFINITY, x);
        }
        double d = (double) a;
        return Math.copySign((float) (0.5 * DoubleSteps.log1p((d + d) / (1.0 - d))), x);
    }
}
