package dev.millrace.gpu.cpu.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Four rows at once: eight sums in registers, for machines with sixteen of them.
 *
 * <p>Written out, because the compiler keeps only named local vectors in registers.
 */
final class Tile4 {
    private static final VectorSpecies<Float> SPECIES = VectorDenseLayer.SPECIES;
    private static final int LANES = VectorDenseLayer.LANES;

    private Tile4() {}

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
        int x0 = xOffset;
        int x1 = xOffset + xStride;
        int x2 = xOffset + 2 * xStride;
        int x3 = xOffset + 3 * xStride;
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
        }
        a0p.intoArray(y, yOffset);
        a0q.intoArray(y, yOffset + LANES);
        a1p.intoArray(y, yOffset + yStride);
        a1q.intoArray(y, yOffset + yStride + LANES);
        a2p.intoArray(y, yOffset + 2 * yStride);
        a2q.intoArray(y, yOffset + 2 * yStride + LANES);
        a3p.intoArray(y, yOffset + 3 * yStride);
        a3q.intoArray(y, yOffset + 3 * yStride + LANES);
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
        int x0 = xOffset;
        int x1 = xOffset + xStride;
        int x2 = xOffset + 2 * xStride;
        int x3 = xOffset + 3 * xStride;
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
        }
        a0p.intoArray(y, yOffset);
        a1p.intoArray(y, yOffset + yStride);
        a2p.intoArray(y, yOffset + 2 * yStride);
        a3p.intoArray(y, yOffset + 3 * yStride);
    }
}
