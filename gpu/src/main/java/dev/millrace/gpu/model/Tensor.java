package dev.millrace.gpu.model;

import dev.millrace.gpu.engine.ElementType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * Constant contents in row-major order. Immutable. Elements are held in the widest form of their
 * kind: F32 kinds as float, FLOAT64 as double, everything else as long.
 */
public final class Tensor {
    private final ElementType type;
    private final List<Integer> shape;
    private final int elements;
    private final float[] floats;
    private final double[] doubles;
    private final long[] longs;

    private Tensor(
            ElementType type, List<Integer> shape, float[] floats, double[] doubles, long[] longs) {
        this.type = type;
        this.shape = List.copyOf(shape);
        this.floats = floats;
        this.doubles = doubles;
        this.longs = longs;
        this.elements = floats.length + doubles.length + longs.length;
        long expected = 1;
        for (int dimension : shape) {
            expected *= dimension;
        }
        if (expected != elements) {
            throw new IllegalArgumentException(
                    "Shape %s does not hold %d elements".formatted(shape, elements));
        }
    }

    /** A FLOAT32, FLOAT16 or BFLOAT16 tensor; the array passes to the tensor. */
    public static Tensor of(ElementType type, List<Integer> shape, float[] elements) {
        require(type, ScalarKind.F32);
        return new Tensor(type, shape, elements, new double[0], new long[0]);
    }

    /** A FLOAT64 tensor; the array passes to the tensor. */
    public static Tensor of(ElementType type, List<Integer> shape, double[] elements) {
        require(type, ScalarKind.F64);
        return new Tensor(type, shape, new float[0], elements, new long[0]);
    }

    /** An integer, BOOL or CATEGORY tensor; the array passes to the tensor. */
    public static Tensor of(ElementType type, List<Integer> shape, long[] elements) {
        require(type, ScalarKind.I64);
        return new Tensor(type, shape, new float[0], new double[0], elements);
    }

    public ElementType type() {
        return type;
    }

    public ScalarKind kind() {
        return ScalarKind.of(type);
    }

    public List<Integer> shape() {
        return shape;
    }

    public int elements() {
        return elements;
    }

    /** Element of an F32 kind tensor. */
    public float floatAt(int index) {
        return floats[index];
    }

    /** Element of a FLOAT64 tensor. */
    public double doubleAt(int index) {
        return doubles[index];
    }

    /** Element of an I64 kind tensor. */
    public long longAt(int index) {
        return longs[index];
    }

    /** The element as a double, whatever its kind; exact but for large integers. */
    public double asDouble(int index) {
        return switch (kind()) {
            case F32 -> floats[index];
            case F64 -> doubles[index];
            case I64 -> longs[index];
        };
    }

    /** A literal of the element. */
    public Expr.Constant literal(int index) {
        return switch (kind()) {
            case F32 -> Exprs.f32(floats[index]);
            case F64 -> Exprs.f64(doubles[index]);
            case I64 -> Exprs.i64(longs[index]);
        };
    }

    /** The same elements under another shape. */
    public Tensor reshaped(List<Integer> newShape) {
        return new Tensor(type, newShape, floats, doubles, longs);
    }

    /** A copy of the elements of an F32 kind tensor. */
    public float[] toFloats() {
        return floats.clone();
    }

    /** A copy of the elements of a FLOAT64 tensor. */
    public double[] toDoubles() {
        return doubles.clone();
    }

    /** A copy of the elements of an I64 kind tensor. */
    public long[] toLongs() {
        return longs.clone();
    }

    /** The elements as they lie in memory: storage type, native byte order, a new direct buffer. */
    public ByteBuffer toBytes() {
        ByteBuffer bytes =
                ByteBuffer.allocateDirect(Math.multiplyExact(elements, type.bytes()))
                        .order(ByteOrder.nativeOrder());
        for (int i = 0; i < elements; i++) {
            Storage.write(bytes, type, i * type.bytes(), this, i);
        }
        return bytes;
    }

    private static void require(ElementType type, ScalarKind kind) {
        if (ScalarKind.of(type) != kind) {
            throw new IllegalArgumentException(type + " elements are not held as " + kind);
        }
    }

    @Override
    public String toString() {
        return type + shape.toString();
    }
}
