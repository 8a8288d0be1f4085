package dev.millrace.gpu.interpreter;

import dev.millrace.gpu.model.ScalarKind;

/** The results of one subexpression for a block of points; only its kind's array is used. */
final class Lane {
    final ScalarKind kind;
    final float[] floats;
    final double[] doubles;
    final long[] longs;

    Lane(ScalarKind kind, int points) {
        this.kind = kind;
        floats = new float[kind == ScalarKind.F32 ? points : 0];
        doubles = new double[kind == ScalarKind.F64 ? points : 0];
        longs = new long[kind == ScalarKind.I64 ? points : 0];
    }
}
