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
            float[] bias,
            int biasOffset,
            boolean rectified,
            float[] y,
            int yOffset,
            int yStride) {
        FloatVector p = FloatVector.fromArray(SPECIES, bias, biasOffset);
        FloatVector q = FloatVector.fromArray(SPECIES, bias, biasOffset + LANES);
        FloatVector a0p = p;
        FloatVector a0q = q;
        FloatVector a1p = p;
        FloatVector a1q = q;
        FloatVector a2p = p;
        FloatVector a2q = q;
        FloatVector a3p = p;
        FloatVector a3q = q;
        FloatVector a4p = p;
        FloatVector a4q = q;
        FloatVector a5p = p;
        FloatVector a5q = q;
        FloatVector a6p = p;
        FloatVector a6q = q;
        FloatVector a7p = p;
        FloatVector a7q = q;
        FloatVector a8p = p;
        FloatVector a8q = q;
        FloatVector a9p = p;
        FloatVector a9q = q;
        FloatVector a10p = p;
        FloatVector a10q = q;
        FloatVector a11p = p;
        FloatVector a11q = q;
        int x0 = xOffset;
        int x1 = xOffset + 1 * xStride;
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
            p = FloatVector.fromArray(SPECIES, w, wOffset + k * 2 * LANES);
            q = FloatVector.fromArray(SPECIES, w, wOffset + k * 2 * LANES + LANES);
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
        store(a0p, rectified, y, yOffset + 0 * yStride);
        store(a0q, rectified, y, yOffset + 0 * yStride + LANES);
        store(a1p, rectified, y, yOffset + 1 * yStride);
        store(a1q, rectified, y, yOffset + 1 * yStride + LANES);
        store(a2p, rectified, y, yOffset + 2 * yStride);
        store(a2q, rectified, y, yOffset + 2 * yStride + LANES);
        store(a3p, rectified, y, yOffset + 3 * yStride);
        store(a3q, rectified, y, yOffset + 3 * yStride + LANES);
        store(a4p, rectified, y, yOffset + 4 * yStride);
        store(a4q, rectified, y, yOffset + 4 * yStride + LANES);
        store(a5p, rectified, y, yOffset + 5 * yStride);
        store(a5q, rectified, y, yOffset + 5 * yStride + LANES);
        store(a6p, rectified, y, yOffset + 6 * yStride);
        store(a6q, rectified, y, yOffset + 6 * yStride + LANES);
        store(a7p, rectified, y, yOffset + 7 * yStride);
        store(a7q, rectified, y, yOffset + 7 * yStride + LANES);
        store(a8p, rectified, y, yOffset + 8 * yStride);
        store(a8q, rectified, y, yOffset + 8 * yStride + LANES);
        store(a9p, rectified, y, yOffset + 9 * yStride);
        store(a9q, rectified, y, yOffset + 9 * yStride + LANES);
        store(a10p, rectified, y, yOffset + 10 * yStride);
        store(a10q, rectified, y, yOffset + 10 * yStride + LANES);
        store(a11p, rectified, y, yOffset + 11 * yStride);
        store(a11q, rectified, y, yOffset + 11 * yStride + LANES);
    }

    /** One vector of outputs. */
    static void narrow(
            float[] x,
            int xOffset,
            int xStride,
            int inputs,
            float[] w,
            int wOffset,
            float[] bias,
            int biasOffset,
            boolean rectified,
            float[] y,
            int yOffset,
            int yStride) {
        FloatVector p = FloatVector.fromArray(SPECIES, bias, biasOffset);
        FloatVector a0p = p;
        FloatVector a1p = p;
        FloatVector a2p = p;
        FloatVector a3p = p;
        FloatVector a4p = p;
        FloatVector a5p = p;
        FloatVector a6p = p;
        FloatVector a7p = p;
        FloatVector a8p = p;
        FloatVector a9p = p;
        FloatVector a10p = p;
        FloatVector a11p = p;
        int x0 = xOffset;
        int x1 = xOffset + 1 * xStride;
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
            p = FloatVector.fromArray(SPECIES, w, wOffset + k * 1 * LANES);
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
        store(a0p, rectified, y, yOffset + 0 * yStride);
        store(a1p, rectified, y, yOffset + 1 * yStride);
        store(a2p, rectified, y, yOffset + 2 * yStride);
        store(a3p, rectified, y, yOffset + 3 * yStride);
        store(a4p, rectified, y, yOffset + 4 * yStride);
        store(a5p, rectified, y, yOffset + 5 * yStride);
        store(a6p, rectified, y, yOffset + 6 * yStride);
        store(a7p, rectified, y, yOffset + 7 * yStride);
        store(a8p, rectified, y, yOffset + 8 * yStride);
        store(a9p, rectified, y, yOffset + 9 * yStride);
        store(a10p, rectified, y, yOffset + 10 * yStride);
        store(a11p, rectified, y, yOffset + 11 * yStride);
    }

    private static void store(FloatVector sum, boolean rectified, float[] y, int offset) {
        // Two calls: a vector chosen between would be boxed.
        if (rectified) {
            sum.max(FloatVector.zero(SPECIES)).intoArray(y, offset);
        } else {
            sum.intoArray(y, offset);
        }
    }
}
