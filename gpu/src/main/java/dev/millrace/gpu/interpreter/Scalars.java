package dev.millrace.gpu.interpreter;

import dev.millrace.gpu.math.DoubleMath;
import dev.millrace.gpu.math.FloatMath;
import dev.millrace.gpu.math.WideMath;
import dev.millrace.gpu.model.BinaryOp;
import dev.millrace.gpu.model.UnaryOp;

/** The scalar operations over blocks. */
final class Scalars {
    private Scalars() {}

    static void unary(UnaryOp op, float[] a, float[] out, int count) {
        for (int i = 0; i < count; i++) {
            out[i] = unary(op, a[i]);
        }
    }

    static float unary(UnaryOp op, float a) {
        return switch (op) {
            case NEG -> -a;
            case ABS -> Math.abs(a);
            case SQRT -> (float) Math.sqrt(a);
            case FLOOR -> (float) Math.floor(a);
            case CEIL -> (float) Math.ceil(a);
            case ROUND_EVEN -> (float) Math.rint(a);
            case EXP -> FloatMath.exp(a);
            case EXPM1 -> FloatMath.expm1(a);
            case LOG -> FloatMath.log(a);
            case LOG1P -> FloatMath.log1p(a);
            case TANH -> FloatMath.tanh(a);
            case ERF -> FloatMath.erf(a);
            case SIGMOID -> FloatMath.sigmoid(a);
            case SOFTPLUS -> FloatMath.softplus(a);
            case SIN -> WideMath.sin(a);
            case COS -> WideMath.cos(a);
            case TAN -> WideMath.tan(a);
            case ASIN -> WideMath.asin(a);
            case ACOS -> WideMath.acos(a);
            case ATAN -> WideMath.atan(a);
            case SINH -> WideMath.sinh(a);
            case COSH -> WideMath.cosh(a);
            case ASINH -> WideMath.asinh(a);
            case ACOSH -> WideMath.acosh(a);
            case ATANH -> WideMath.atanh(a);
            case IS_NAN, IS_INFINITE, NOT, BIT_NOT -> throw unsupported(op, "F32");
        };
    }

    static double unary(UnaryOp op, double a) {
        return switch (op) {
            case NEG -> -a;
            case ABS -> Math.abs(a);
            case SQRT -> Math.sqrt(a);
            case FLOOR -> Math.floor(a);
            case CEIL -> Math.ceil(a);
            case ROUND_EVEN -> Math.rint(a);
            case EXP -> DoubleMath.exp(a);
            case EXPM1 -> DoubleMath.expm1(a);
            case LOG -> DoubleMath.log(a);
            case LOG1P -> DoubleMath.log1p(a);
            case TANH -> DoubleMath.tanh(a);
            case ERF -> DoubleMath.erf(a);
            case SIGMOID -> DoubleMath.sigmoid(a);
            case SOFTPLUS -> DoubleMath.softplus(a);
            case SINH -> DoubleMath.sinh(a);
            case COSH -> DoubleMath.cosh(a);
            case ASINH -> DoubleMath.asinh(a);
            case ACOSH -> DoubleMath.acosh(a);
            case ATANH -> DoubleMath.atanh(a);
            case SIN, COS, TAN, ASIN, ACOS, ATAN, IS_NAN, IS_INFINITE, NOT, BIT_NOT ->
                    throw unsupported(op, "F64");
        };
    }

    static long unary(UnaryOp op, long a) {
        if (op == UnaryOp.NEG) {
            return -a;
        }
        if (op == UnaryOp.ABS) {
            return a < 0 ? -a : a;
        }
        if (op == UnaryOp.NOT) {
            return a == 0 ? 1 : 0;
        }
        if (op == UnaryOp.BIT_NOT) {
            return ~a;
        }
        throw unsupported(op, "I64");
    }

    static long test(UnaryOp op, double a) {
        return (op == UnaryOp.IS_NAN ? Double.isNaN(a) : Double.isInfinite(a)) ? 1 : 0;
    }

    static void binary(BinaryOp op, float[] a, float[] b, float[] out, int count) {
        switch (op) {
            case ADD -> {
                for (int i = 0; i < count; i++) {
                    out[i] = a[i] + b[i];
                }
            }
            case SUB -> {
                for (int i = 0; i < count; i++) {
                    out[i] = a[i] - b[i];
                }
            }
            case MUL -> {
                for (int i = 0; i < count; i++) {
                    out[i] = a[i] * b[i];
                }
            }
            case MAX -> {
                for (int i = 0; i < count; i++) {
                    out[i] = Math.max(a[i], b[i]);
                }
            }
            case DIV, REMAINDER, MIN, POW, EQUAL, LESS, LESS_OR_EQUAL, AND, OR, XOR -> {
                for (int i = 0; i < count; i++) {
                    out[i] = binary(op, a[i], b[i]);
                }
            }
            case SHIFT_LEFT, SHIFT_RIGHT -> throw unsupported(op, "F32");
        }
    }

    static float binary(BinaryOp op, float a, float b) {
        return switch (op) {
            case ADD -> a + b;
            case SUB -> a - b;
            case MUL -> a * b;
            case DIV -> a / b;
            case REMAINDER -> a % b;
            case MAX -> Math.max(a, b);
            case MIN -> Math.min(a, b);
            case POW -> WideMath.pow(a, b);
            case EQUAL, LESS, LESS_OR_EQUAL, AND, OR, XOR, SHIFT_LEFT, SHIFT_RIGHT ->
                    throw unsupported(op, "F32");
        };
    }

    static double binary(BinaryOp op, double a, double b) {
        return switch (op) {
            case ADD -> a + b;
            case SUB -> a - b;
            case MUL -> a * b;
            case DIV -> a / b;
            case REMAINDER -> a % b;
            case MAX -> Math.max(a, b);
            case MIN -> Math.min(a, b);
            case POW -> DoubleMath.pow(a, b);
            case EQUAL, LESS, LESS_OR_EQUAL, AND, OR, XOR, SHIFT_LEFT, SHIFT_RIGHT ->
                    throw unsupported(op, "F64");
        };
    }

    static long binary(BinaryOp op, long a, long b) {
        return switch (op) {
            case ADD -> a + b;
            case SUB -> a - b;
            case MUL -> a * b;
            case DIV -> b == 0 ? 0 : a / b;
            case REMAINDER -> b == 0 ? 0 : a % b;
            case MAX -> Math.max(a, b);
            case MIN -> Math.min(a, b);
            case EQUAL -> a == b ? 1 : 0;
            case LESS -> a < b ? 1 : 0;
            case LESS_OR_EQUAL -> a <= b ? 1 : 0;
            case AND -> a & b;
            case OR -> a | b;
            case XOR -> a ^ b;
            case SHIFT_LEFT -> b < 0 || b > 63 ? 0 : a << b;
            case SHIFT_RIGHT -> b < 0 || b > 63 ? 0 : a >>> b;
            case POW -> throw unsupported(op, "I64");
        };
    }

    static long compare(BinaryOp op, double a, double b) {
        boolean holds =
                switch (op) {
                    case EQUAL -> a == b;
                    case LESS -> a < b;
                    case LESS_OR_EQUAL -> a <= b;
                    case ADD,
                            SUB,
                            MUL,
                            DIV,
                            REMAINDER,
                            MAX,
                            MIN,
                            POW,
                            AND,
                            OR,
                            XOR,
                            SHIFT_LEFT,
                            SHIFT_RIGHT ->
                            throw unsupported(op, "comparison");
                };
        return holds ? 1 : 0;
    }

    private static IllegalArgumentException unsupported(Enum<?> op, String kind) {
        return new IllegalArgumentException(op + " is not an operation on " + kind);
    }
}
