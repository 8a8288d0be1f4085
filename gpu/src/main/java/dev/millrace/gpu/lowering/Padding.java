package dev.millrace.gpu.lowering;

import dev.millrace.gpu.model.Expr;
import java.util.List;
import java.util.function.UnaryOperator;

/** Surrounds the spatial dimensions of a tensor with a constant. */
final class Padding {
    private Padding() {}

    /**
     * A tensor whose dimensions from {@code first} on are extended (or, where negative, cut).
     *
     * @param fill what stands in the padding
     */
    static Val pad(Builder builder, Val x, int first, int[] before, int[] after, Expr fill) {
        return pad(builder, x, first, before, after, fill, load -> load);
    }

    /**
     * As above, with every element of the tensor changed on the way; the type stays.
     *
     * @param inside the changed element, from the loaded one
     */
    static Val pad(
            Builder builder,
            Val x,
            int first,
            int[] before,
            int[] after,
            Expr fill,
            UnaryOperator<Expr> inside) {
        View view = builder.view(x);
        int[] shape = x.shape.clone();
        int shift = 0;
        Expr body = inside.apply(new Expr.Load(0, x.kind()));
        for (int i = 0; i < before.length; i++) {
            int dimension = first + i;
            shape[dimension] = Math.max(0, x.shape[dimension] + before[i] + after[i]);
            shift -= before[i] * view.strides().get(dimension);
            if (before[i] > 0 || after[i] > 0) {
                int from = Math.max(0, before[i]);
                int to = before[i] + x.shape[dimension];
                body = new Expr.Guarded(dimension, from, to, body, fill);
            }
        }
        View moved = view.shifted(shift);
        if (body instanceof Expr.Load) {
            return Val.of(x.type, shape, x.rowAxis, moved);
        }
        return builder.defer(
                x.type,
                shape,
                x.rowAxis,
                new Deferred(builder.origin(), new Deferred.None(), List.of(moved), body));
    }
}
