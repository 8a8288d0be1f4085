package dev.millrace.gpu.cpu;

/**
 * The inner loops of plain dense layers, which HotSpot's compiler turns into vector code by itself.
 * For that, every array is indexed by the loop variable alone and is a Java array of its own: with
 * an offset added, JDK 17 falls back to scalar code, four times slower. Two k by four results is
 * the largest body it still vectorises.
 *
 * <p>Loops run from {@link LineArrays#FIRST} to the given end: what stands in the element ahead of
 * {@link LineArrays#LEAD} is nobody's.
 */
final class PlainLoops {
    /** Enough for HotSpot to have compiled the loops when it is done. */
    private static final int REHEARSALS = 20_000;

    private static final int LENGTH = 512;

    private PlainLoops() {}

    /**
     * Runs every loop often enough to be compiled. HotSpot makes vectors of 4, 8 or 16 floats after
     * the mean length of the loops that ran before it compiled them, and stays with that: fewer
     * than 70 elements, and vectors have 4; fewer than 150, and they have 8.
     */
    static void rehearse() {
        float[][] p = LineArrays.allocate(2, LENGTH);
        float[][] y = LineArrays.allocate(4, LENGTH);
        int end = LineArrays.end(LENGTH);
        for (int i = 0; i < REHEARSALS; i++) {
            addTwo(1, 1, 1, 1, 1, 1, 1, 1, p[0], p[1], y[0], y[1], y[2], y[3], end);
            addOne(1, p[0], y[0], end);
            rectify(y[0], end);
        }
    }

    /** Two consecutive k for four results: a and b belong to y0, c and d to y1, and so on. */
    static void addTwo(
            float a,
            float b,
            float c,
            float d,
            float e,
            float f,
            float g,
            float h,
            float[] p,
            float[] q,
            float[] y0,
            float[] y1,
            float[] y2,
            float[] y3,
            int end) {
        for (int i = LineArrays.FIRST; i < end; i++) {
            float first = p[i];
            float second = q[i];
            y0[i] = Math.fma(b, second, Math.fma(a, first, y0[i]));
            y1[i] = Math.fma(d, second, Math.fma(c, first, y1[i]));
            y2[i] = Math.fma(f, second, Math.fma(e, first, y2[i]));
            y3[i] = Math.fma(h, second, Math.fma(g, first, y3[i]));
        }
    }

    static void addOne(float a, float[] p, float[] y, int end) {
        for (int i = LineArrays.FIRST; i < end; i++) {
            y[i] = Math.fma(a, p[i], y[i]);
        }
    }

    static void rectify(float[] values, int end) {
        for (int i = LineArrays.FIRST; i < end; i++) {
            values[i] = Math.max(values[i], 0.0f);
        }
    }
}
