package dev.millrace.gpu.model;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** Builds and inspects expressions. */
public final class Exprs {
    private Exprs() {}

    public static Expr.Constant f32(float value) {
        return new Expr.Constant(ScalarKind.F32, Float.floatToRawIntBits(value) & 0xffffffffL);
    }

    public static Expr.Constant f64(double value) {
        return new Expr.Constant(ScalarKind.F64, Double.doubleToRawLongBits(value));
    }

    public static Expr.Constant i64(long value) {
        return new Expr.Constant(ScalarKind.I64, value);
    }

    /** The operands of an expression, in order of evaluation. */
    public static List<Expr> operands(Expr expr) {
        if (expr instanceof Expr.LoadAt at) {
            return List.of(at.offset());
        }
        if (expr instanceof Expr.CheckedIndex checked) {
            return List.of(checked.index());
        }
        if (expr instanceof Expr.Search search) {
            return List.of(search.key());
        }
        if (expr instanceof Expr.Unary unary) {
            return List.of(unary.operand());
        }
        if (expr instanceof Expr.Binary binary) {
            return List.of(binary.left(), binary.right());
        }
        if (expr instanceof Expr.FusedMultiplyAdd fma) {
            return List.of(fma.a(), fma.b(), fma.c());
        }
        if (expr instanceof Expr.Select select) {
            return List.of(select.condition(), select.whenTrue(), select.whenFalse());
        }
        if (expr instanceof Expr.Guarded guarded) {
            return List.of(guarded.inside(), guarded.outside());
        }
        if (expr instanceof Expr.Convert convert) {
            return List.of(convert.operand());
        }
        if (expr instanceof Expr.Narrow narrow) {
            return List.of(narrow.operand());
        }
        return List.of();
    }

    /** Whether any part of the expression meets a condition; shared parts are asked once. */
    public static boolean any(Expr expr, Predicate<Expr> condition) {
        return any(expr, condition, Collections.newSetFromMap(new IdentityHashMap<>()));
    }

    private static boolean any(Expr expr, Predicate<Expr> condition, Set<Expr> asked) {
        if (!asked.add(expr)) {
            return false;
        }
        if (condition.test(expr)) {
            return true;
        }
        for (Expr operand : operands(expr)) {
            if (any(operand, condition, asked)) {
                return true;
            }
        }
        return false;
    }

    /** The expressions of a step. */
    public static List<Expr> of(Step step) {
        if (step instanceof Step.Elementwise elementwise) {
            return List.of(elementwise.body());
        }
        if (step instanceof Step.Contraction contraction) {
            return List.of(contraction.initial(), contraction.finish());
        }
        if (step instanceof Step.Reduction reduction) {
            return List.of(reduction.term(), reduction.finish());
        }
        if (step instanceof Step.ArgReduction reduction) {
            return List.of(reduction.term(), reduction.finish());
        }
        return List.of();
    }

    static boolean mayFault(Step step) {
        for (Expr expr : of(step)) {
            if (any(expr, part -> part instanceof Expr.CheckedIndex)) {
                return true;
            }
        }
        return false;
    }
}
