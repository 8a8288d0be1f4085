package dev.millrace.gpu.inspection;

import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.Exprs;
import dev.millrace.gpu.model.Plan;
import dev.millrace.gpu.model.Step;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * Arithmetic operations of one record. A fused multiply-add counts two; a tree counts a comparison
 * per level of its ensemble's depth and an addition; what both branches of a choice cost counts.
 */
final class PlanCost {
    private PlanCost() {}

    static long operations(Plan plan) {
        long operations = 0;
        for (Step step : plan.steps()) {
            operations += operations(step);
        }
        return operations;
    }

    private static long operations(Step step) {
        if (step instanceof Step.Elementwise s) {
            return points(s.space()) * operations(s.body());
        }
        if (step instanceof Step.Contraction s) {
            long products = 2 * points(s.reduced());
            return points(s.space())
                    * (products + operations(s.initial()) + operations(s.finish()));
        }
        if (step instanceof Step.Reduction s) {
            long terms = points(s.reduced()) * (1 + operations(s.term()));
            return points(s.space()) * (terms + operations(s.finish()));
        }
        if (step instanceof Step.ArgReduction s) {
            long terms = points(s.reduced()) * (1 + operations(s.term()));
            return points(s.space()) * (terms + operations(s.finish()));
        }
        if (step instanceof Step.RunningSum s) {
            return points(s.space()) * s.length();
        }
        if (step instanceof Step.TopK s) {
            return points(s.space()) * s.length() * s.count();
        }
        if (step instanceof Step.TreeEnsemble s) {
            return (long) s.trees().trees() * (s.trees().depth() + 1);
        }
        throw new IllegalArgumentException("Unknown step " + step);
    }

    private static long points(List<Integer> space) {
        long points = 1;
        for (int extent : space) {
            points *= extent;
        }
        return points;
    }

    private static long operations(Expr expr) {
        return operations(expr, Collections.newSetFromMap(new IdentityHashMap<>()));
    }

    /** A subtree that stands twice is computed once. */
    private static long operations(Expr expr, Set<Expr> seen) {
        if (!seen.add(expr)) {
            return 0;
        }
        long operations = own(expr);
        for (Expr operand : Exprs.operands(expr)) {
            operations += operations(operand, seen);
        }
        return operations;
    }

    private static long own(Expr expr) {
        if (expr instanceof Expr.FusedMultiplyAdd) {
            return 2;
        }
        if (expr instanceof Expr.Search search) {
            return (long) Integer.SIZE - Integer.numberOfLeadingZeros(Math.max(1, search.count()));
        }
        boolean computes =
                expr instanceof Expr.Unary
                        || expr instanceof Expr.Binary
                        || expr instanceof Expr.Select
                        || expr instanceof Expr.Convert
                        || expr instanceof Expr.Narrow;
        return computes ? 1 : 0;
    }
}
