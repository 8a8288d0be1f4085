package dev.millrace.gpu.lowering;

import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.model.BinaryOp;
import dev.millrace.gpu.model.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Arithmetic on extents, some of which are multiples of the number of records: as elements of a
 * constant they hold the multiple, marked in {@link Val#rowCounts}. What would need the number
 * itself is refused.
 */
final class RowCounts {
    private final long[] elements;
    private final boolean[] counts;

    private RowCounts(int size) {
        elements = new long[size];
        counts = new boolean[size];
    }

    static boolean counts(Val value, int element) {
        return value.rowCounts.length > 0 && value.rowCounts[element];
    }

    /** A vector of extents. */
    static Val vector(Builder builder, long[] elements, boolean[] counts) {
        return builder.constant(elements).withRowCounts(counts);
    }

    static Val arithmetic(Builder builder, BinaryOp op, Val left, Val right) {
        Val x = plain(left);
        Val y = plain(right);
        int[] shape = Shapes.broadcast(left.shape, right.shape);
        long[] a = spread(builder, x, shape);
        long[] b = spread(builder, y, shape);
        boolean[] aCounts = spreadCounts(left, shape);
        boolean[] bCounts = spreadCounts(right, shape);
        RowCounts result = new RowCounts(a.length);
        for (int i = 0; i < a.length; i++) {
            result.set(i, op, a[i], aCounts[i], b[i], bCounts[i]);
        }
        return result.val(builder, left.type, shape);
    }

    private void set(int i, BinaryOp op, long a, boolean aCounts, long b, boolean bCounts) {
        switch (op) {
            case ADD -> {
                refuseUnless((!aCounts || b == 0) && (!bCounts || a == 0));
                elements[i] = a + b;
                counts[i] = aCounts || bCounts;
            }
            case SUB -> {
                refuseUnless(!bCounts && (!aCounts || b == 0));
                elements[i] = a - b;
                counts[i] = aCounts;
            }
            case MUL -> {
                refuseUnless(!(aCounts && bCounts) && a >= 0 && b >= 0);
                elements[i] = Math.multiplyExact(a, b);
                counts[i] = (aCounts || bCounts) && elements[i] != 0;
            }
            case DIV -> {
                refuseUnless(b > 0 && (aCounts || !bCounts) && (!aCounts || a % b == 0));
                elements[i] = a / b;
                counts[i] = aCounts && !bCounts;
            }
            default -> refuseUnless(false);
        }
    }

    /** A multiple of the number of records is at least 1, so it equals no smaller number. */
    static Val equal(Builder builder, Val left, Val right) {
        int[] shape = Shapes.broadcast(left.shape, right.shape);
        long[] a = spread(builder, plain(left), shape);
        long[] b = spread(builder, plain(right), shape);
        boolean[] aCounts = spreadCounts(left, shape);
        boolean[] bCounts = spreadCounts(right, shape);
        long[] equal = new long[a.length];
        for (int i = 0; i < a.length; i++) {
            boolean sameSort = aCounts[i] == bCounts[i];
            refuseUnless(sameSort || (aCounts[i] ? b[i] : a[i]) < 1);
            equal[i] = sameSort && a[i] == b[i] ? 1 : 0;
        }
        return builder.constant(Tensor.of(ElementType.BOOL, Shapes.boxed(shape), equal));
    }

    static Val where(Builder builder, Val condition, Val whenTrue, Val whenFalse) {
        refuseUnless(builder.isConstant(condition));
        int[] shape =
                Shapes.broadcast(
                        condition.shape, Shapes.broadcast(whenTrue.shape, whenFalse.shape));
        long[] chosen = spread(builder, condition, shape);
        long[] a = spread(builder, plain(whenTrue), shape);
        long[] b = spread(builder, plain(whenFalse), shape);
        boolean[] aCounts = spreadCounts(whenTrue, shape);
        boolean[] bCounts = spreadCounts(whenFalse, shape);
        RowCounts result = new RowCounts(a.length);
        for (int i = 0; i < a.length; i++) {
            result.elements[i] = chosen[i] != 0 ? a[i] : b[i];
            result.counts[i] = chosen[i] != 0 ? aCounts[i] : bCounts[i];
        }
        return result.val(builder, whenTrue.type, shape);
    }

    private Val val(Builder builder, ElementType type, int[] shape) {
        return builder.constant(Tensor.of(type, Shapes.boxed(shape), elements))
                .withRowCounts(counts);
    }

    private static Val plain(Val value) {
        return value.withRowCounts(new boolean[0]);
    }

    private static long[] spread(Builder builder, Val value, int[] shape) {
        refuseUnless(builder.isConstant(value) && !value.isFloat());
        View view = builder.view(value).broadcast(value.shape, shape);
        return builder.tensor(builder.viewed(value, shape, Rows.NONE, view)).toLongs();
    }

    private static boolean[] spreadCounts(Val value, int[] shape) {
        boolean[] spread = new boolean[Shapes.elements(shape)];
        if (value.rowCounts.length == 0) {
            return spread;
        }
        View flags = View.contiguous(0, value.shape).broadcast(value.shape, shape);
        int[] positions = Positions.of(shape, flags);
        for (int i = 0; i < spread.length; i++) {
            spread[i] = value.rowCounts[positions[i]];
        }
        return spread;
    }

    /** The marks of a constant's elements in another order or selection. */
    static boolean[] moved(Val value, int[] shape, View view) {
        if (value.rowCounts.length == 0) {
            return new boolean[0];
        }
        int[] known = Positions.of(value.shape, value.view());
        Map<Integer, Boolean> marks = new HashMap<>();
        for (int i = 0; i < known.length; i++) {
            marks.put(known[i], value.rowCounts[i]);
        }
        int[] wanted = Positions.of(shape, view);
        boolean[] counts = new boolean[wanted.length];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = marks.get(wanted[i]);
        }
        return counts;
    }

    private static void refuseUnless(boolean possible) {
        Refusal.unless(
                possible, "it computes with the number of records, which no record may depend on");
    }

    /** The marks of several constants, one after another. */
    static boolean[] joined(List<Val> values) {
        int size = values.stream().mapToInt(Val::elements).sum();
        boolean[] joined = new boolean[size];
        int next = 0;
        for (Val value : values) {
            for (int i = 0; i < value.elements(); i++) {
                joined[next++] = counts(value, i);
            }
        }
        return joined;
    }
}
