package dev.millrace.gpu.model;

import dev.millrace.gpu.engine.ElementType;

/**
 * A scalar computed at one point of a step's iteration space. Immutable tree; the same subtree may
 * be shared, and evaluating it once or twice is the same, since nothing has side effects but a
 * {@link CheckedIndex}'s fault.
 *
 * <p><b>Evaluation.</b> Operands first, one rounding per operation, no reassociation, no
 * contraction. {@link Select} and {@link Guarded} evaluate only the branch they take: a load in the
 * other one may lie outside its value. They hold no {@link CheckedIndex}.
 *
 * <p><b>Sharing.</b> A subtree used twice is one object; generators should evaluate each object
 * once, by identity.
 */
public sealed interface Expr {
    /** The type of the result. */
    ScalarKind kind();

    /** A literal; {@code bits} are the raw bits of a float or double, or the integer itself. */
    record Constant(ScalarKind kind, long bits) implements Expr {
        public float asFloat() {
            return Float.intBitsToFloat((int) bits);
        }

        public double asDouble() {
            return Double.longBitsToDouble(bits);
        }
    }

    /** The element of the step's input {@code input} at this point. */
    record Load(int input, ScalarKind kind) implements Expr {}

    /**
     * The element {@code offset} elements past the position of the step's input {@code input} at
     * this point. The offset is in range whenever it is evaluated.
     */
    record LoadAt(int input, Expr offset, ScalarKind kind) implements Expr {}

    /**
     * An index from data: {@code index} if in 0..size-1, {@code index + size} if in -size..-1.
     * Otherwise the record is at fault: the result is 0 and the row is reported (see {@link
     * Plan#mayFault()}).
     */
    record CheckedIndex(Expr index, int size) implements Expr {
        @Override
        public ScalarKind kind() {
            return ScalarKind.I64;
        }
    }

    /**
     * The position of {@code key} among {@code count} distinct ascending constants, the elements of
     * input {@code input} from its position on, one apart; -1 if it is not among them. Compared by
     * ==, so NaN is never found.
     */
    record Search(int input, int count, Expr key) implements Expr {
        @Override
        public ScalarKind kind() {
            return ScalarKind.I64;
        }
    }

    /** The accumulated value, in the {@code finish} of a {@link Step.Contraction} or reduction. */
    record Accumulated(ScalarKind kind) implements Expr {}

    record Unary(UnaryOp op, Expr operand) implements Expr {
        @Override
        public ScalarKind kind() {
            return op == UnaryOp.IS_NAN || op == UnaryOp.IS_INFINITE
                    ? ScalarKind.I64
                    : operand.kind();
        }
    }

    record Binary(BinaryOp op, Expr left, Expr right) implements Expr {
        public Binary {
            if (left.kind() != right.kind()) {
                throw new IllegalArgumentException(
                        op + " of " + left.kind() + " and " + right.kind());
            }
        }

        @Override
        public ScalarKind kind() {
            return op.compares() ? ScalarKind.I64 : left.kind();
        }
    }

    /** {@code a * b + c} with one rounding [F32 F64]. */
    record FusedMultiplyAdd(Expr a, Expr b, Expr c) implements Expr {
        @Override
        public ScalarKind kind() {
            return c.kind();
        }
    }

    /** {@code whenTrue} if the I64 condition is not 0, else {@code whenFalse}. */
    record Select(Expr condition, Expr whenTrue, Expr whenFalse) implements Expr {
        public Select {
            if (whenTrue.kind() != whenFalse.kind() || condition.kind() != ScalarKind.I64) {
                throw new IllegalArgumentException(
                        "select of %s ? %s : %s"
                                .formatted(condition.kind(), whenTrue.kind(), whenFalse.kind()));
            }
        }

        @Override
        public ScalarKind kind() {
            return whenTrue.kind();
        }
    }

    /**
     * {@code inside} where the point's coordinate in {@code dimension} is in from (inclusive) to to
     * (exclusive), else {@code outside}. Paddings and concatenations.
     */
    record Guarded(int dimension, int from, int to, Expr inside, Expr outside) implements Expr {
        @Override
        public ScalarKind kind() {
            return inside.kind();
        }
    }

    /**
     * A conversion between kinds: to F32 and F64 rounded to nearest even, unsigned sources (see
     * {@code unsigned}) read as such; from F32 and F64 to I64 truncated, saturating, NaN to 0.
     */
    record Convert(ScalarKind kind, boolean unsigned, Expr operand) implements Expr {}

    /**
     * As if stored to this type and loaded again: rounding to FLOAT16 or BFLOAT16 (nearest even,
     * overflow to infinity), wrapping of narrow integers, truth value for BOOL.
     */
    record Narrow(ElementType type, Expr operand) implements Expr {
        @Override
        public ScalarKind kind() {
            return operand.kind();
        }
    }
}
