package dev.millrace.gpu.math;

/** Brings an angle of any size to within a quarter turn's half: Cody and Waite, Payne and Hanek. */
final class AngleReduction {
    private static final double ROUNDER = 6755399441055744.0;

    /** The binary fraction 2/pi, 32 bits at a time, behind one word of zeros. */
    private static final int[] TWO_OVER_PI = {
        0,
        0xa2f9836e,
        0x4e441529,
        0xfc2757d1,
        0xf534ddc0,
        0xdb629599,
        0x3c439041,
        0xfe5163ab,
        0xdebbc561
    };

    private AngleReduction() {}

    /** How many quarter turns {@link #remainder} takes off a finite angle, modulo 4. */
    static int quadrant(float x) {
        float a = Math.abs(x);
        if (a < 0x1p20f) {
            return (int) (Double.doubleToRawLongBits(rounded(x)) & 3);
        }
        long top = turns(a);
        int n = (int) (top >>> 62) + ((top << 2) < 0 ? 1 : 0);
        return (x < 0 ? -n : n) & 3;
    }

    /** The finite angle less the nearest multiple of pi/2. */
    static double remainder(float x) {
        float a = Math.abs(x);
        if (a < 0x1p20f) {
            double k = rounded(x) - ROUNDER;
            return Math.fma(
                    k, -0x1.1a62633145c07p-54, Math.fma(k, -DoubleSteps.PI_HALF, (double) x));
        }
        double r = (double) (turns(a) << 2) * 0x1.921fb54442d18p-64;
        return x < 0 ? -r : r;
    }

    private static double rounded(float x) {
        return Math.fma((double) x, 0x1.45f306dc9c883p-1, ROUNDER);
    }

    /** a * 2/pi modulo 4 as a 64-bit fixed-point number with two bits before the point. */
    private static long turns(float a) {
        int bits = Float.floatToRawIntBits(a);
        long m = (bits & 0x7fffffL) | 0x800000L;
        int first = (bits >>> 23) - 150 - 2 + 32;
        int word = first >> 5;
        int shift = first & 31;
        long c = m * window(word + 2, shift);
        long b = m * window(word + 1, shift) + (c >>> 32);
        return ((m * window(word, shift) + (b >>> 32)) << 32) | (b & 0xffffffffL);
    }

    private static long window(int word, int shift) {
        long high = TWO_OVER_PI[word] & 0xffffffffL;
        long low = TWO_OVER_PI[word + 1] & 0xffffffffL;
        return (((high << 32) | low) << shift) >>> 32;
    }
}
