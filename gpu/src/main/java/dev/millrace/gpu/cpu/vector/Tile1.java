package dev.millrace.gpu.cpu.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * A row by itself.
 *
 * <p>Written out, because the compiler keeps only named local vectors in registers.
 */
final class Tile1 {
    private static final VectorSpecies<Float> SPECIES = VectorDenseLayer.SPECIES;
    private static final int LANES = VectorDenseLayer.LANES;

    private Tile1() {}

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
        int x0 = xOffset;
        for (int k = 0; k < inputs; k++) {
            FloatVector p = FloatVector.fromArray(SPECIES, w, wOffset + k * 2 * LANES);
            FloatVector q = FloatVector.fromArray(SPECIES, w, wOffset + k * 2 * LANES + LANES);
            FloatVector f = FloatVector.broadcast(SPECIES, x[x0 + k]);
            a0p = f.fma(p, a0p);
            a0q = f.fma(q, a0q);
        }
        a0p.intoArray(y, yOffset);
        a0q.intoArray(y, yOffset + LANES);
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
        int x0 = xOffset;
        for (int k = 0; k < inputs; k++) {
            FloatVector p = FloatVector.fromArray(SPECIES, w, wOffset + k * LANES);
            FloatVector f = FloatVector.broadcast(SPECIES, x[x0 + k]);
            a0p = f.fma(p, a0p);
        }
        a0p.intoArray(y, yOffset);
    }
}
