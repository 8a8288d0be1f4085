package dev.millrace.gpu.lowering;

import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.ScalarKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Sums of products, the heart of dense layers, matrix products and convolutions. */
final class Contractions {
    private Contractions() {}

    /**
     * {@code result[i] = initial[i] + left[i,k] * right[i,k]} summed over k. Not a step yet: an
     * elementwise computation on the result becomes part of it.
     *
     * @param type of the result; its kind is the accumulator's and both operands'
     * @param left strides over {@code shape} followed by {@code reduced}
     * @param right the same; the constant operand, if one of them is
     * @param small whether every operand fits in 9 signed bits
     * @param initial broadcast to the shape; 0 if absent
     */
    static Val sum(
            Builder builder,
            ElementType type,
            int[] shape,
            int rowAxis,
            View left,
            View right,
            int[] reduced,
            boolean small,
            Optional<Val> initial) {
        ScalarKind kind = ScalarKind.of(type);
        List<View> inputs = new ArrayList<>(List.of(left, right));
        Expr start = Terms.literal(kind, 0);
        if (initial.isPresent()) {
            Val value = initial.get();
            View view = builder.view(value).broadcast(value.shape, shape);
            inputs.add(view.followedBy(reduced.length));
            start = new Expr.Load(2, kind);
        }
        Deferred.Root root = new Deferred.Product(kind, Shapes.boxed(reduced), small, start);
        return builder.defer(
                type,
                shape,
                rowAxis,
                new Deferred(builder.origin(), root, inputs, new Expr.Accumulated(kind)));
    }
}
