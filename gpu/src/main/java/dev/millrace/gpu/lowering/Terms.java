package dev.millrace.gpu.lowering;

import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.model.BinaryOp;
import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.Exprs;
import dev.millrace.gpu.model.ScalarKind;
import dev.millrace.gpu.model.UnaryOp;

/** Short names for the expressions that lowerings write most. */
final class Terms {
    private Terms() {}

    /** A literal of a kind; in F32 rounded to the nearest float. */
    static Expr literal(ScalarKind kind, double value) {
        return switch (kind) {
            case F32 -> Exprs.f32((float) value);
            case F64 -> Exprs.f64(value);
            case I64 -> Exprs.i64((long) value);
        };
    }

    /** A literal of another expression's kind. */
    static Expr like(Expr other, double value) {
        return literal(other.kind(), value);
    }

    static Expr unary(UnaryOp op, Expr operand) {
        return new Expr.Unary(op, operand);
    }

    static Expr binary(BinaryOp op, Expr left, Expr right) {
        return new Expr.Binary(op, left, right);
    }

    static Expr add(Expr left, Expr right) {
        return binary(BinaryOp.ADD, left, right);
    }

    static Expr sub(Expr left, Expr right) {
        return binary(BinaryOp.SUB, left, right);
    }

    static Expr mul(Expr left, Expr right) {
        return binary(BinaryOp.MUL, left, right);
    }

    static Expr div(Expr left, Expr right) {
        return binary(BinaryOp.DIV, left, right);
    }

    static Expr max(Expr left, Expr right) {
        return binary(BinaryOp.MAX, left, right);
    }

    static Expr min(Expr left, Expr right) {
        return binary(BinaryOp.MIN, left, right);
    }

    static Expr less(Expr left, Expr right) {
        return binary(BinaryOp.LESS, left, right);
    }

    static Expr lessOrEqual(Expr left, Expr right) {
        return binary(BinaryOp.LESS_OR_EQUAL, left, right);
    }

    static Expr equal(Expr left, Expr right) {
        return binary(BinaryOp.EQUAL, left, right);
    }

    static Expr not(Expr condition) {
        return unary(UnaryOp.NOT, condition);
    }

    static Expr select(Expr condition, Expr whenTrue, Expr whenFalse) {
        return new Expr.Select(condition, whenTrue, whenFalse);
    }

    /** Between kinds alone: from F32 and F64 to I64 truncated. The same kind stays as it is. */
    static Expr convert(ScalarKind kind, ElementType from, Expr operand) {
        if (operand.kind() == kind) {
            return operand;
        }
        return new Expr.Convert(kind, from == ElementType.UINT64, operand);
    }
}
