package dev.millrace.gpu.lowering;

import dev.millrace.gpu.engine.ElementType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** Products of stacks of matrices. */
final class Matrices {
    private Matrices() {}

    /**
     * {@code [..., m, k] x [..., k, n] -> [..., m, n]}; leading dimensions broadcast.
     *
     * @param small whether every operand fits in 9 signed bits
     * @param initial broadcast to the result; 0 if absent
     */
    static Val product(
            Builder builder,
            ElementType type,
            Val left,
            Val right,
            boolean small,
            Optional<Val> initial) {
        int inner = left.shape[left.rank() - 1];
        Refusal.unless(
                inner == right.shape[right.rank() - 2],
                "%s and %s cannot be multiplied",
                left,
                right);
        Rows.spared(left, left.rank() - 1);
        Rows.spared(right, right.rank() - 2);
        int[] rows = Shapes.with(left.shape, left.rank() - 1, 1);
        int[] columns = Shapes.with(right.shape, right.rank() - 2, 1);
        int[] shape = Shapes.broadcast(rows, columns);
        int rowAxis = Rows.broadcast(shape, List.of(shaped(left, rows), shaped(right, columns)));
        // A product is the same either way round; the constant operand goes to the right.
        boolean swap = builder.isConstant(left) && !builder.isConstant(right);
        View x = over(swap ? outputsFastest(builder, left) : builder.view(left), left, -1, shape);
        View y =
                over(
                        builder.isConstant(right) && !swap
                                ? inOrder(builder, right)
                                : builder.view(right),
                        right,
                        -2,
                        shape);
        int[] reduced = {inner};
        return Contractions.sum(
                builder, type, shape, rowAxis, swap ? y : x, swap ? x : y, reduced, small, initial);
    }

    private static Val shaped(Val like, int[] shape) {
        return Val.of(like.type, shape, like.rowAxis, new View(-1, 0, List.of()));
    }

    /** An operand's view over the result's shape followed by the reduced dimension. */
    private static View over(View view, Val operand, int reducedFromEnd, int[] shape) {
        int reduced = operand.rank() + reducedFromEnd;
        int[] spread = Shapes.with(operand.shape, reduced, 1);
        List<Integer> strides = new ArrayList<>(view.strides());
        int stride = strides.set(reduced, 0);
        return new View(view.value(), view.offset(), strides)
                .broadcast(spread, shape)
                .followedByStride(stride);
    }

    /** A constant laid out anew in the order of its shape, if it is not so already. */
    static View inOrder(Builder builder, Val constant) {
        View view = builder.view(constant);
        if (view.strides().equals(Shapes.boxed(Shapes.strides(constant.shape)))) {
            return view;
        }
        return builder.view(builder.constant(builder.tensor(constant)));
    }

    /** A constant {@code [..., m, k]} laid out anew with m fastest. */
    private static View outputsFastest(Builder builder, Val constant) {
        return swapped(
                builder.view(builder.constant(builder.tensor(transposed(constant, builder)))));
    }

    /** The last two dimensions exchanged. */
    static Val transposed(Val value, Builder builder) {
        int last = value.rank() - 1;
        int[] shape = value.shape.clone();
        shape[last] = value.shape[last - 1];
        shape[last - 1] = value.shape[last];
        int rowAxis = value.rowAxis;
        if (rowAxis >= last - 1) {
            rowAxis = last + last - 1 - rowAxis;
        }
        return builder.viewed(value, shape, rowAxis, swapped(builder.view(value)));
    }

    private static View swapped(View view) {
        List<Integer> strides = new ArrayList<>(view.strides());
        Collections.swap(strides, strides.size() - 1, strides.size() - 2);
        return new View(view.value(), view.offset(), strides);
    }
}
