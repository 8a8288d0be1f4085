package dev.millrace.gpu.model;

/**
 * Scalar operations of two operands of one kind. Kinds in brackets; the result has the operands'
 * kind unless said otherwise. F32 and F64 are rounded to nearest even after each operation and
 * never contracted into a fused multiply-add; subnormals are kept.
 */
public enum BinaryOp {
    /** [F32 F64 I64]. */
    ADD,
    /** [F32 F64 I64]. */
    SUB,
    /** [F32 F64 I64]. */
    MUL,
    /** IEEE; I64 truncates towards zero and gives 0 where the divisor is 0 [F32 F64 I64]. */
    DIV,
    /** As C's fmod and %: the dividend's sign; I64 gives 0 where the divisor is 0 [F32 F64 I64]. */
    REMAINDER,
    /** As Java's Math.max: NaN if either is NaN, +0 above -0 [F32 F64 I64]. */
    MAX,
    /** As Java's Math.min: NaN if either is NaN, -0 below +0 [F32 F64 I64]. */
    MIN,
    /** Special cases as C's pow [F32 F64]. */
    POW,
    /** 1 if equal, else 0; NaN equals nothing [F32 F64 I64; gives I64]. */
    EQUAL,
    /** 1 if a &lt; b, else 0 [F32 F64 I64 signed; gives I64]. */
    LESS,
    /** 1 if a &lt;= b, else 0 [F32 F64 I64 signed; gives I64]. */
    LESS_OR_EQUAL,
    /** Bitwise [I64]. */
    AND,
    /** Bitwise [I64]. */
    OR,
    /** Bitwise [I64]. */
    XOR,
    /** Zero where the distance is not in 0..63 [I64]. */
    SHIFT_LEFT,
    /** Logical; zero where the distance is not in 0..63 [I64]. */
    SHIFT_RIGHT;

    /** Whether the result is a truth value of kind I64 whatever the operands' kind. */
    public boolean compares() {
        return this == EQUAL || this == LESS || this == LESS_OR_EQUAL;
    }
}
