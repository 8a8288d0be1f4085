package dev.millrace.gpu.lowering;

import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.model.ScalarKind;
import java.util.Arrays;

/**
 * A tensor of the model while it is imported, as one record sees it: a micro-batch of one row.
 *
 * <p>{@code rowAxis} is the dimension that the rows of a micro-batch would multiply, -1 if none:
 * with n rows that dimension has n times the extent, rows outermost but for {@code rowOuter}. An
 * operator that combines elements along it would let records see each other.
 */
final class Val {
    final ElementType type;
    final int[] shape;
    final int rowAxis;

    /**
     * How many elements of the dimension of the rows lie outside of the rows: with n rows, its
     * elements are [rowOuter, n, rest]. More than 1 after a reshape that merged dimensions in front
     * of the rows into theirs; few operators are given such a tensor, see {@link NodeContext}.
     */
    final int rowOuter;

    /** For a constant: which elements grow with the number of rows; empty if none does. */
    final boolean[] rowCounts;

    private Deferred deferred;
    private View view;

    private Val(
            ElementType type,
            int[] shape,
            int rowAxis,
            int rowOuter,
            boolean[] rowCounts,
            Deferred deferred,
            View view) {
        this.type = type;
        this.shape = shape;
        this.rowAxis = rowAxis;
        this.rowOuter = rowOuter;
        this.rowCounts = rowCounts;
        this.deferred = deferred;
        this.view = view;
    }

    static Val of(ElementType type, int[] shape, int rowAxis, View view) {
        return new Val(type, shape, rowAxis, 1, new boolean[0], null, view);
    }

    static Val of(ElementType type, int[] shape, int rowAxis, Deferred deferred) {
        return new Val(type, shape, rowAxis, 1, new boolean[0], deferred, null);
    }

    Val withRowCounts(boolean[] counts) {
        boolean[] kept = noneOf(counts) ? new boolean[0] : counts;
        return new Val(type, shape, rowAxis, rowOuter, kept, deferred, view);
    }

    Val withRowAxis(int axis) {
        return new Val(type, shape, axis, rowOuter, rowCounts, deferred, view);
    }

    Val withRowOuter(int outer) {
        if (outer == rowOuter) {
            return this;
        }
        return new Val(type, shape, rowAxis, outer, rowCounts, deferred, view);
    }

    private static boolean noneOf(boolean[] flags) {
        for (boolean flag : flags) {
            if (flag) {
                return false;
            }
        }
        return true;
    }

    ScalarKind kind() {
        return ScalarKind.of(type);
    }

    int rank() {
        return shape.length;
    }

    int elements() {
        return Shapes.elements(shape);
    }

    boolean hasRows() {
        return rowAxis >= 0;
    }

    boolean isFloat() {
        return kind() != ScalarKind.I64;
    }

    /** Whether nothing has been computed yet. */
    boolean isDeferred() {
        return view == null;
    }

    Deferred deferred() {
        return deferred;
    }

    /** Where the elements are, once computed. */
    View view() {
        return view;
    }

    void computed(View where) {
        view = where;
        deferred = null;
    }

    @Override
    public String toString() {
        return type + Arrays.toString(shape);
    }
}
