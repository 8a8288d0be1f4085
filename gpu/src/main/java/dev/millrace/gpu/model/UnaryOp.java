package dev.millrace.gpu.model;

/**
 * Scalar operations of one operand. Kinds in brackets; the result has the operand's kind unless
 * said otherwise. The transcendental ones are the project's own, defined step by step in {@code
 * gpu/NUMERICS.md}.
 */
public enum UnaryOp {
    /** Sign flipped, of zero and NaN too; two's complement [F32 F64 I64]. */
    NEG,
    /** Sign cleared; the least I64 stays itself [F32 F64 I64]. */
    ABS,
    /** IEEE square root, correctly rounded [F32 F64]. */
    SQRT,
    /** [F32 F64]. */
    FLOOR,
    /** [F32 F64]. */
    CEIL,
    /** To the nearest integer, halves to even [F32 F64]. */
    ROUND_EVEN,
    /** [F32 F64]. */
    EXP,
    /** exp(x) - 1 without cancellation [F32 F64]. */
    EXPM1,
    /** [F32 F64]. */
    LOG,
    /** log(1 + x) without cancellation [F32 F64]. */
    LOG1P,
    /** [F32 F64]. */
    TANH,
    /** [F32 F64]. */
    ERF,
    /** 1 / (1 + exp(-x)) [F32 F64]. */
    SIGMOID,
    /** log(1 + exp(x)) [F32 F64]. */
    SOFTPLUS,
    /** [F32]. */
    SIN,
    /** [F32]. */
    COS,
    /** [F32]. */
    TAN,
    /** [F32]. */
    ASIN,
    /** [F32]. */
    ACOS,
    /** [F32]. */
    ATAN,
    /** [F32 F64]. */
    SINH,
    /** [F32 F64]. */
    COSH,
    /** [F32 F64]. */
    ASINH,
    /** [F32 F64]. */
    ACOSH,
    /** [F32 F64]. */
    ATANH,
    /** 1 if NaN, else 0 [F32 F64; gives I64]. */
    IS_NAN,
    /** 1 if infinite, else 0 [F32 F64; gives I64]. */
    IS_INFINITE,
    /** 1 if the operand is 0, else 0 [I64]. */
    NOT,
    /** All bits flipped [I64]. */
    BIT_NOT
}
