package dev.millrace.gpu.lowering;

import dev.millrace.gpu.model.Expr;
import java.util.IdentityHashMap;
import java.util.function.IntUnaryOperator;

/** Renumbers the inputs and dimensions of an expression, keeping shared subtrees shared. */
final class Rewrite {
    private final IdentityHashMap<Expr, Expr> done = new IdentityHashMap<>();
    private final IntUnaryOperator inputs;
    private final IntUnaryOperator dimensions;

    /**
     * @param dimensions new number of a dimension; -1 if its only coordinate is 0
     */
    Rewrite(IntUnaryOperator inputs, IntUnaryOperator dimensions) {
        this.inputs = inputs;
        this.dimensions = dimensions;
    }

    Expr apply(Expr expr) {
        Expr known = done.get(expr);
        if (known == null) {
            known = rebuild(expr);
            done.put(expr, known);
        }
        return known;
    }

    private Expr rebuild(Expr expr) {
        if (expr instanceof Expr.Load load) {
            return new Expr.Load(inputs.applyAsInt(load.input()), load.kind());
        }
        if (expr instanceof Expr.LoadAt at) {
            return new Expr.LoadAt(inputs.applyAsInt(at.input()), apply(at.offset()), at.kind());
        }
        if (expr instanceof Expr.CheckedIndex checked) {
            return new Expr.CheckedIndex(apply(checked.index()), checked.size());
        }
        if (expr instanceof Expr.Search search) {
            return new Expr.Search(
                    inputs.applyAsInt(search.input()), search.count(), apply(search.key()));
        }
        if (expr instanceof Expr.Unary unary) {
            return new Expr.Unary(unary.op(), apply(unary.operand()));
        }
        if (expr instanceof Expr.Binary binary) {
            return new Expr.Binary(binary.op(), apply(binary.left()), apply(binary.right()));
        }
        if (expr instanceof Expr.FusedMultiplyAdd fma) {
            return new Expr.FusedMultiplyAdd(apply(fma.a()), apply(fma.b()), apply(fma.c()));
        }
        if (expr instanceof Expr.Select select) {
            return new Expr.Select(
                    apply(select.condition()), apply(select.whenTrue()), apply(select.whenFalse()));
        }
        if (expr instanceof Expr.Guarded guarded) {
            return guarded(guarded);
        }
        if (expr instanceof Expr.Convert convert) {
            return new Expr.Convert(convert.kind(), convert.unsigned(), apply(convert.operand()));
        }
        if (expr instanceof Expr.Narrow narrow) {
            return new Expr.Narrow(narrow.type(), apply(narrow.operand()));
        }
        return expr;
    }

    private Expr guarded(Expr.Guarded guarded) {
        int dimension = dimensions.applyAsInt(guarded.dimension());
        if (dimension < 0) {
            boolean within = guarded.from() <= 0 && guarded.to() > 0;
            return apply(within ? guarded.inside() : guarded.outside());
        }
        return new Expr.Guarded(
                dimension,
                guarded.from(),
                guarded.to(),
                apply(guarded.inside()),
                apply(guarded.outside()));
    }
}
