package dev.millrace.gpu.cpu.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Twelve rows at once: twenty-four sums in registers, for machines with thirty-two of them.
 *
 * <p>Written out, because the compiler keeps only named local vectors in registers.
 */
final class Tile12 {
    private static final VectorSpecies<Float> SPECIES = VectorDenseLayer.SPECIES;
    private static final int LANES = VectorDenseLayer.LANES;

    private Tile12() {}

    /** Two vectors of outputs; weights of each k side by side. */
    static void wide(
            float[] x,
            int xOffset,
            int xStride,
            int inputs,
            float[] w,
            int wOffset,
            float[] start,
            int startOffset,
            int startStride,
            float[] y,
            int yOffset,
            int yStride) {
        FloatVector a0p = FloatVector.fromArray(SPECIES, start, startOffset);
        FloatVector a0q = FloatVector.fromArray(SPECIES, start, startOffset + LANES);
        FloatVector a1p = FloatVector.fromArray(SPECIES, start, startOffset + startStride);
        FloatVector a1q = FloatVector.fromArray(SPECIES, start, startOffset + startStride + LANES);
        FloatVector a2p = FloatVector.fromArray(SPECIES, start, startOffset + 2 * startStride);
        FloatVector a2q =
                FloatVector.fromArray(SPECIES, start, startOffset + 2 * startStride + LANES);
        FloatVector a3p = FloatVector.fromArray(SPECIES, start, startOffset + 3 * startStride);
        FloatVector a3q =
                FloatVector.fromArray(SPECIES, start, startOffset + 3 * startStride + LANES);
        FloatVector a4p = FloatVector.fromArray(SPECIES, start, startOffset + 4 * startStride);
        FloatVector a4q =
                FloatVector.fromArray(SPECIES, start, startOffset + 4 * startStride + LANES);
        FloatVector a5p = FloatVector.fromArray(SPECIES, start, startOffset + 5 * startStride);
        FloatVector a5q =
                FloatVector.fromArray(SPECIES, start, startOffset + 5 * startStride + LANES);
        FloatVector a6p = FloatVector.fromArray(SPECIES, start, startOffset + 6 * startStride);
        FloatVector a6q =
                FloatVector.fromArray(SPECIES, start, startOffset + 6 * startStride + LANES);
        FloatVector a7p = FloatVector.fromArray(SPECIES, start, startOffset + 7 * startStride);
        FloatVector a7q =
                FloatVector.fromArray(SPECIES, start, startOffset + 7 * startStride + LANES);
        FloatVector a8p = FloatVector.fromArray(SPECIES, start, startOffset + 8 * startStride);
        FloatVector a8q =
                FloatVector.fromArray(SPECIES, start, startOffset + 8 * startStride + LANES);
        FloatVector a9p = FloatVector.fromArray(SPECIES, start, startOffset + 9 * startStride);
        FloatVector a9q =
                FloatVector.fromArray(SPECIES, start, startOffset + 9 * startStride + LANES);
        FloatVector a10p = FloatVector.fromArray(SPECIES, start, startOffset + 10 * startStride);
        FloatVector a10q =
                FloatVector.fromArray(SPECIES, start, startOffset + 10 * startStride + LANES);
        FloatVector a11p = FloatVector.fromArray(SPECIES, start, startOffset + 11 * startStride);
        FloatVector a11q =
                FloatVector.fromArray(SPECIES, start, startOffset + 11 * startStride + LANES);
        int x0 = xOffset;
        int x1 = xOffset + xStride;
        int x2 = xOffset + 2 * xStride;
        int x3 = xOffset + 3 * xStride;
        int x4 = xOffset + 4 * xStride;
        int x5 = xOffset + 5 * xStride;
        int x6 = xOffset + 6 * xStride;
        int x7 = xOffset + 7 * xStride;
        int x8 = xOffset + 8 * xStride;
        int x9 = xOffset + 9 * xStride;
        int x10 = xOffset + 10 * xStride;
        int x11 = xOffset + 11 * xStride;
        for (int k = 0; k < inputs; k++) {
            FloatVector p = FloatVector.fromArray(SPECIES, w, wOffset + k * 2 * LANES);
            FloatVector q = FloatVector.fromArray(SPECIES, w, wOffset + k * 2 * LANES + LANES);
            FloatVector f = FloatVector.broadcast(SPECIES, x[x0 + k]);
            a0p = f.fma(p, a0p);
            a0q = f.fma(q, a0q);
            f = FloatVector.broadcast(SPECIES, x[x1 + k]);
            a1p = f.fma(p, a1p);
            a1q = f.fma(q, a1q);
            f = FloatVector.broadcast(SPECIES, x[x2 + k]);
            a2p = f.fma(p, a2p);
            a2q = f.fma(q, a2q);
            f = FloatVector.broadcast(SPECIES, x[x3 + k]);
            a3p = f.fma(p, a3p);
            a3q = f.fma(q, a3q);
            f = FloatVector.broadcast(SPECIES, x[x4 + k]);
            a4p = f.fma(p, a4p);
            a4q = f.fma(q, a4q);
            f = FloatVector.broadcast(SPECIES, x[x5 + k]);
            a5p = f.fma(p, a5p);
            a5q = f.fma(q, a5q);
            f = FloatVector.broadcast(SPECIES, x[x6 + k]);
            a6p = f.fma(p, a6p);
            a6q = f.fma(q, a6q);
            f = FloatVector.broadcast(SPECIES, x[x7 + k]);
            a7p = f.fma(p, a7p);
            a7q = f.fma(q, a7q);
            f = FloatVector.broadcast(SPECIES, x[x8 + k]);
            a8p = f.fma(p, a8p);
            a8q = f.fma(q, a8q);
            f = FloatVector.broadcast(SPECIES, x[x9 + k]);
            a9p = f.fma(p, a9p);
            a9q = f.fma(q, a9q);
            f = FloatVector.broadcast(SPECIES, x[x10 + k]);
            a10p = f.fma(p, a10p);
            a10q = f.fma(q, a10q);
            f = FloatVector.broadcast(SPECIES, x[x11 + k]);
            a11p = f.fma(p, a11p);
            a11q = f.fma(q, a11q);
        }
        a0p.intoArray(y, yOffset);
        a0q.intoArray(y, yOffset + LANES);
        a1p.intoArray(y, yOffset + yStride);
        a1q.intoArray(y, yOffset + yStride + LANES);
        a2p.intoArray(y, yOffset + 2 * yStride);
        a2q.intoArray(y, yOffset + 2 * yStride + LANES);
        a3p.intoArray(y, yOffset + 3 * yStride);
        a3q.intoArray(y, yOffset + 3 * yStride + LANES);
        a4p.intoArray(y, yOffset + 4 * yStride);
        a4q.intoArray(y, yOffset + 4 * yStride + LANES);
        a5p.intoArray(y, yOffset + 5 * yStride);
        a5q.intoArray(y, yOffset + 5 * yStride + LANES);
        a6p.intoArray(y, yOffset + 6 * yStride);
        a6q.intoArray(y, yOffset + 6 * yStride + LANES);
        a7p.intoArray(y, yOffset + 7 * yStride);
        a7q.intoArray(y, yOffset + 7 * yStride + LANES);
        a8p.intoArray(y, yOffset + 8 * yStride);
        a8q.intoArray(y, yOffset + 8 * yStride + LANES);
        a9p.intoArray(y, yOffset + 9 * yStride);
        a9q.intoArray(y, yOffset + 9 * yStride + LANES);
        a10p.intoArray(y, yOffset + 10 * yStride);
        a10q.intoArray(y, yOffset + 10 * yStride + LANES);
        a11p.intoArray(y, yOffset + 11 * yStride);
        a11q.intoArray(y, yOffset + 11 * yStride + LANES);
    }

    /** One vector of outputs. */
    static void narrow(
            float[] x,
            int xOffset,
            int xStride,
            int inputs,
            float[] w,
            int wOffset,
            float[] start,
            int startOffset,
            int startStride,
            float[] y,
            int yOffset,
            int yStride) {
        FloatVector a0p = FloatVector.fromArray(SPECIES, start, startOffset);
        FloatVector a1p = FloatVector.fromArray(SPECIES, start, startOffset + startStride);
        FloatVector a2p = FloatVector.fromArray(SPECIES, start, startOffset + 2 * startStride);
        FloatVector a3p = FloatVector.fromArray(SPECIES, start, startOffset + 3 * startStride);
        FloatVector a4p = FloatVector.fromArray(SPECIES, start, startOffset + 4 * startStride);
        FloatVector a5p = FloatVector.fromArray(SPECIES, start, startOffset + 5 * startStride);
        FloatVector a6p = FloatVector.fromArray(SPECIES, start, startOffset + 6 * startStride);
        FloatVector a7p = FloatVector.fromArray(SPECIES, start, startOffset + 7 * startStride);
        FloatVector a8p = FloatVector.fromArray(SPECIES, start, startOffset + 8 * startStride);
        FloatVector a9p = FloatVector.fromArray(SPECIES, start, startOffset + 9 * startStride);
        FloatVector a10p = FloatVector.fromArray(SPECIES, start, startOffset + 10 * startStride);
        FloatVector a11p = FloatVector.fromArray(SPECIES, start, startOffset + 11 * startStride);
        int x0 = xOffset;
        int x1 = xOffset + xStride;
        int x2 = xOffset + 2 * xStride;
        int x3 = xOffset + 3 * xStride;
        int x4 = xOffset + 4 * xStride;
        int x5 = xOffset + 5 * xStride;
        int x6 = xOffset + 6 * xStride;
        int x7 = xOffset + 7 * xStride;
        int x8 = xOffset + 8 * xStride;
        int x9 = xOffset + 9 * xStride;
        int x10 = xOffset + 10 * xStride;
        int x11 = xOffset + 11 * xStride;
        for (int k = 0; k < inputs; k++) {
            FloatVector p = FloatVector.fromArray(SPECIES, w, wOffset + k * LANES);
            FloatVector f = FloatVector.broadcast(SPECIES, x[x0 + k]);
            a0p = f.fma(p, a0p);
            f = FloatVector.broadcast(SPECIES, x[x1 + k]);
            a1p = f.fma(p, a1p);
            f = FloatVector.broadcast(SPECIES, x[x2 + k]);
            a2p = f.fma(p, a2p);
            f = FloatVector.broadcast(SPECIES, x[x3 + k]);
            a3p = f.fma(p, a3p);
            f = FloatVector.broadcast(SPECIES, x[x4 + k]);
            a4p = f.fma(p, a4p);
            f = FloatVector.broadcast(SPECIES, x[x5 + k]);
            a5p = f.fma(p, a5p);
            f = FloatVector.broadcast(SPECIES, x[x6 + k]);
            a6p = f.fma(p, a6p);
            f = FloatVector.broadcast(SPECIES, x[x7 + k]);
            a7p = f.fma(p, a7p);
            f = FloatVector.broadcast(SPECIES, x[x8 + k]);
            a8p = f.fma(p, a8p);
            f = FloatVector.broadcast(SPECIES, x[x9 + k]);
            a9p = f.fma(p, a9p);
            f = FloatVector.broadcast(SPECIES, x[x10 + k]);
            a10p = f.fma(p, a10p);
            f = FloatVector.broadcast(SPECIES, x[x11 + k]);
            a11p = f.fma(p, a11p);
        }
        a0p.intoArray(y, yOffset);
        a1p.intoArray(y, yOffset + yStride);
        a2p.intoArray(y, yOffset + 2 * yStride);
        a3p.intoArray(y, yOffset + 3 * yStride);
        a4p.intoArray(y, yOffset + 4 * yStride);
        a5p.intoArray(y, yOffset + 5 * yStride);
        a6p.intoArray(y, yOffset + 6 * yStride);
        a7p.intoArray(y, yOffset + 7 * yStride);
        a8p.intoArray(y, yOffset + 8 * yStride);
        a9p.intoArray(y, yOffset + 9 * yStride);
        a10p.intoArray(y, yOffset + 10 * yStride);
        a11p.intoArray(y, yOffset + 11 * yStride);
    }
}
