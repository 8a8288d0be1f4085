package dev.millrace.gpu.lowering;

import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.Exprs;
import java.util.IdentityHashMap;

/** Counts the distinct nodes of an expression. */
final class ExprSize {
    private final IdentityHashMap<Expr, Boolean> seen = new IdentityHashMap<>();

    private ExprSize() {}

    static int of(Expr expr) {
        ExprSize size = new ExprSize();
        size.visit(expr);
        return size.seen.size();
    }

    private void visit(Expr expr) {
        if (seen.put(expr, true) == null) {
            Exprs.operands(expr).forEach(this::visit);
        }
    }
}
