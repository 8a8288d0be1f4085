package dev.millrace.gpu.lowering;

import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.Exprs;
import dev.millrace.gpu.model.ScalarKind;
import dev.millrace.gpu.model.Tensor;
import dev.millrace.gpu.model.UnaryOp;
import java.util.List;
import java.util.Optional;

/** What quantised operators share. */
final class Quantized {
    /** Beyond the range of every quantised type with every zero point, and exact in float. */
    private static final float FAR = 1 << 20;

    private Quantized() {}

    /** Whether elements less a zero point of their type fit in 9 signed bits. */
    static boolean isByte(ElementType type) {
        return type == ElementType.INT8 || type == ElementType.UINT8;
    }

    static void requireByte(Val value, String what) {
        Refusal.unless(isByte(value.type), "%s of type %s is not covered", what, value.type);
    }

    static long least(ElementType type) {
        return switch (type) {
            case INT8 -> Byte.MIN_VALUE;
            case INT16 -> Short.MIN_VALUE;
            case UINT8, UINT16 -> 0;
            default -> throw new Refusal("quantising to %s is not covered".formatted(type));
        };
    }

    static long most(ElementType type) {
        return switch (type) {
            case INT8 -> Byte.MAX_VALUE;
            case INT16 -> Short.MAX_VALUE;
            case UINT8 -> 0xff;
            case UINT16 -> 0xffff;
            default -> throw new Refusal("quantising to %s is not covered".formatted(type));
        };
    }

    /** Rounds half to even, adds the zero point and saturates; NaN gives the zero point. */
    static Expr quantised(Expr real, Expr zeroPoint, ElementType type) {
        Expr rounded = Terms.unary(UnaryOp.ROUND_EVEN, real);
        Expr bounded = Terms.max(Terms.min(rounded, Terms.like(real, FAR)), Terms.like(real, -FAR));
        Expr whole = new Expr.Convert(ScalarKind.I64, false, bounded);
        Expr shifted = Terms.add(whole, zeroPoint);
        return Terms.max(Terms.min(shifted, Exprs.i64(most(type))), Exprs.i64(least(type)));
    }

    /** The tensor less its zero point, exactly; the tensor itself where that is 0. */
    static Val centred(Builder builder, Val value, Optional<Val> zeroPoint) {
        if (zeroPoint.isEmpty() || isZero(builder, zeroPoint.get())) {
            return value;
        }
        return builder.elementwise(
                ElementType.INT16,
                List.of(value, zeroPoint.get()),
                x -> Terms.sub(x.get(0), x.get(1)));
    }

    private static boolean isZero(Builder builder, Val value) {
        if (!builder.isConstant(value)) {
            return false;
        }
        Tensor tensor = builder.tensor(value);
        for (int i = 0; i < tensor.elements(); i++) {
            if (tensor.longAt(i) != 0) {
                return false;
            }
        }
        return true;
    }

    /**
     * An integer sum of products of two quantised tensors, quantised again.
     *
     * @param left scale of the left factor, broadcasting to the sum; the other scales likewise
     */
    static Val requantised(
            Builder builder,
            Val sum,
            Val left,
            Val right,
            Val result,
            Val zeroPoint,
            ElementType type) {
        Val product = times(builder, left, right);
        Val ratio =
                builder.elementwise(
                        product.type, List.of(product, result), x -> Terms.div(x.get(0), x.get(1)));
        builder.view(ratio);
        return builder.elementwise(
                type,
                List.of(sum, ratio, zeroPoint),
                x -> {
                    Expr real = new Expr.Convert(ScalarKind.F32, false, x.get(0));
                    return quantised(Terms.mul(real, x.get(1)), x.get(2), type);
                });
    }

    private static Val times(Builder builder, Val left, Val right) {
        Refusal.unless(
                left.kind() == ScalarKind.F32 && left.type == right.type,
                "scales of type %s and %s are not covered",
                left.type,
                right.type);
        return builder.elementwise(
                left.type, List.of(left, right), x -> Terms.mul(x.get(0), x.get(1)));
    }
}
