package dev.millrace.gpu.math;

import java.util.Arrays;

/**
 * Sums in the one order of {@code gpu/NUMERICS.md}: 32 partial sums, element i into partial i mod
 * 32 in ascending order, then a fixed tree that adds partial p + d to p for d = 16, 8, 4, 2, 1.
 *
 * <p>The scratch array holds {@link #PARTIALS} floats and belongs to the caller.
 */
public final class Reductions {
    public static final int PARTIALS = 32;

    private Reductions() {}

    /** Sum of {@code count} elements at {@code offset, offset + stride, ...}. */
    public static float sum(float[] values, int offset, int stride, int count, float[] scratch) {
        clear(scratch);
        for (int i = 0, at = offset; i < count; i++, at += stride) {
            scratch[i & (PARTIALS - 1)] += values[at];
        }
        return tree(scratch);
    }

    /** Sum of squares, each added by one fused multiply-add. */
    public static float sumOfSquares(
            float[] values, int offset, int stride, int count, float[] scratch) {
        clear(scratch);
        for (int i = 0, at = offset; i < count; i++, at += stride) {
            float v = values[at];
            int p = i & (PARTIALS - 1);
            scratch[p] = Math.fma(v, v, scratch[p]);
        }
        return tree(scratch);
    }

    /** Sum of magnitudes. */
    public static float sumOfMagnitudes(
            float[] values, int offset, int stride, int count, float[] scratch) {
        clear(scratch);
        for (int i = 0, at = offset; i < count; i++, at += stride) {
            scratch[i & (PARTIALS - 1)] += Math.abs(values[at]);
        }
        return tree(scratch);
    }

    /** Product: partials start at one and the tree multiplies. */
    public static float product(
            float[] values, int offset, int stride, int count, float[] scratch) {
        Arrays.fill(scratch, 0, PARTIALS, 1.0f);
        for (int i = 0, at = offset; i < count; i++, at += stride) {
            scratch[i & (PARTIALS - 1)] *= values[at];
        }
        for (int d = PARTIALS / 2; d > 0; d >>= 1) {
            for (int p = 0; p < d; p++) {
                scratch[p] *= scratch[p + d];
            }
        }
        return scratch[0];
    }

    /** Largest element; minus infinity of none. Needs no order. */
    public static float max(float[] values, int offset, int stride, int count) {
        float m = Float.NEGATIVE_INFINITY;
        for (int i = 0, at = offset; i < count; i++, at += stride) {
            m = Math.max(m, values[at]);
        }
        return m;
    }

    /** Smallest element; infinity of none. Needs no order. */
    public static float min(float[] values, int offset, int stride, int count) {
        float m = Float.POSITIVE_INFINITY;
        for (int i = 0, at = offset; i < count; i++, at += stride) {
            m = Math.min(m, values[at]);
        }
        return m;
    }

    /** Folds 32 partial sums, in place. */
    public static float tree(float[] scratch) {
        for (int d = PARTIALS / 2; d > 0; d >>= 1) {
            for (int p = 0; p < d; p++) {
                scratch[p] += scratch[p + d];
            }
        }
        return scratch[0];
    }

    private static void clear(float[] scratch) {
        Arrays.fill(scratch, 0, PARTIALS, 0.0f);
    }
}
