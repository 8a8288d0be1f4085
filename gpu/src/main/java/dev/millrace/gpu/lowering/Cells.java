package dev.millrace.gpu.lowering;

import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.model.ScalarKind;
import dev.millrace.gpu.model.Tensor;

/** The elements of a constant while it is put together, whatever their kind. */
final class Cells {
    private final ElementType type;
    private final int[] shape;
    private final float[] floats;
    private final double[] doubles;
    private final long[] longs;

    Cells(ElementType type, int[] shape) {
        this.type = type;
        this.shape = shape;
        int elements = Shapes.constantElements(shape);
        ScalarKind kind = ScalarKind.of(type);
        floats = new float[kind == ScalarKind.F32 ? elements : 0];
        doubles = new double[kind == ScalarKind.F64 ? elements : 0];
        longs = new long[kind == ScalarKind.I64 ? elements : 0];
    }

    void set(int index, Tensor from, int position) {
        switch (ScalarKind.of(type)) {
            case F32 -> floats[index] = from.floatAt(position);
            case F64 -> doubles[index] = from.doubleAt(position);
            case I64 -> longs[index] = from.longAt(position);
        }
    }

    /** The constant; the cells pass to it. */
    Tensor tensor() {
        return switch (ScalarKind.of(type)) {
            case F32 -> Tensor.of(type, Shapes.boxed(shape), floats);
            case F64 -> Tensor.of(type, Shapes.boxed(shape), doubles);
            case I64 -> Tensor.of(type, Shapes.boxed(shape), longs);
        };
    }
}
