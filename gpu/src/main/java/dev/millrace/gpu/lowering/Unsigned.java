package dev.millrace.gpu.lowering;

import dev.millrace.gpu.model.BinaryOp;
import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.Exprs;

/** Division of unsigned 64-bit integers by means of signed ones. */
final class Unsigned {
    private Unsigned() {}

    /** The quotient, 0 where the divisor is 0. */
    static Expr quotient(Expr dividend, Expr divisor) {
        Expr one = Exprs.i64(1);
        Expr zero = Exprs.i64(0);
        // Half the dividend has a sign bit to spare; twice the quotient is too small by 1 at most.
        Expr half = Terms.div(Terms.binary(BinaryOp.SHIFT_RIGHT, dividend, one), divisor);
        Expr estimate = Terms.add(half, half);
        Expr rest = Terms.sub(dividend, Terms.mul(estimate, divisor));
        Expr missing = Terms.not(less(rest, divisor));
        Expr small = Terms.add(estimate, missing);
        Expr large = Terms.not(less(dividend, divisor));
        Expr quotient = Terms.select(Terms.less(divisor, zero), large, small);
        return Terms.select(Terms.equal(divisor, zero), zero, quotient);
    }

    /** The remainder, 0 where the divisor is 0. */
    static Expr remainder(Expr dividend, Expr divisor) {
        Expr zero = Exprs.i64(0);
        Expr rest = Terms.sub(dividend, Terms.mul(quotient(dividend, divisor), divisor));
        return Terms.select(Terms.equal(divisor, zero), zero, rest);
    }

    private static Expr less(Expr left, Expr right) {
        Expr sign = Exprs.i64(Long.MIN_VALUE);
        return Terms.less(
                Terms.binary(BinaryOp.XOR, left, sign), Terms.binary(BinaryOp.XOR, right, sign));
    }
}
