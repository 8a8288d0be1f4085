package dev.millrace.gpu.lowering;

import dev.millrace.gpu.model.Access;
import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.Exprs;
import dev.millrace.gpu.model.Step;
import java.util.ArrayList;
import java.util.List;

/** Turns a deferred computation into a step with a small iteration space. */
final class Emitter {
    private Emitter() {}

    /**
     * @param shape the result's
     * @param output strides over the shape
     */
    static Step step(Deferred deferred, int[] shape, View output) {
        int[] reduced = Shapes.unboxed(deferred.root().reduced());
        List<View> spaceAccesses = new ArrayList<>(deferred.inputs());
        spaceAccesses.add(output);
        Collapse space = new Collapse(shape, spaceAccesses, 0, pinned(deferred, shape.length));
        Collapse inner =
                new Collapse(reduced, deferred.inputs(), shape.length, new boolean[reduced.length]);
        List<Access> inputs = new ArrayList<>();
        for (View input : deferred.inputs()) {
            boolean operand = !(deferred.root() instanceof Deferred.Product) || inputs.size() < 2;
            List<Integer> more = operand ? inner.strides(input, shape.length) : List.of();
            inputs.add(Collapse.access(input, space.strides(input, 0), more));
        }
        Access target = Collapse.access(output, space.strides(output, 0), List.of());
        Rewrite rewrite = new Rewrite(input -> input, space::renumbered);
        return assemble(deferred, space, inner, inputs, rewrite, target);
    }

    private static Step assemble(
            Deferred deferred,
            Collapse space,
            Collapse inner,
            List<Access> inputs,
            Rewrite rewrite,
            Access target) {
        Expr expr = rewrite.apply(deferred.expr());
        if (deferred.root() instanceof Deferred.Product product) {
            return new Step.Contraction(
                    deferred.origin(),
                    product.kind(),
                    space.extents(),
                    inner.extents(),
                    product.smallIntegers(),
                    inputs,
                    rewrite.apply(product.initial()),
                    expr,
                    target);
        }
        if (deferred.root() instanceof Deferred.Reduce reduce) {
            return new Step.Reduction(
                    deferred.origin(),
                    reduce.kind(),
                    reduce.combine(),
                    space.extents(),
                    inner.extents(),
                    inputs,
                    rewrite.apply(reduce.term()),
                    expr,
                    target);
        }
        if (deferred.root() instanceof Deferred.Arg arg) {
            return new Step.ArgReduction(
                    deferred.origin(),
                    arg.maximum(),
                    arg.last(),
                    space.extents(),
                    inner.extents(),
                    inputs,
                    rewrite.apply(arg.term()),
                    expr,
                    target);
        }
        return new Step.Elementwise(deferred.origin(), space.extents(), inputs, expr, target);
    }

    private static boolean[] pinned(Deferred deferred, int rank) {
        boolean[] pinned = new boolean[rank];
        Exprs.any(
                deferred.expr(),
                part -> {
                    if (part instanceof Expr.Guarded guarded) {
                        pinned[guarded.dimension()] = true;
                    }
                    return false;
                });
        return pinned;
    }
}
