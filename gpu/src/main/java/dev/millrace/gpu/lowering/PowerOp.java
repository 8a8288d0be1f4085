package dev.millrace.gpu.lowering;

import dev.millrace.gpu.model.BinaryOp;
import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.Exprs;
import dev.millrace.gpu.model.ScalarKind;
import dev.millrace.gpu.model.Tensor;
import dev.millrace.gpu.model.UnaryOp;
import java.util.List;

/** Powers, of floating point numbers and of integers. */
final class PowerOp {
    /** Higher powers of integers overflow, but for those of -1, 0 and 1. */
    private static final int EXPONENT_BITS = 6;

    private PowerOp() {}

    static void lower(NodeContext node) {
        Val base = node.input(0);
        Val exponent = ElementwiseOps.aligned(node, base, node.input(1));
        double constant = constant(node.builder(), exponent);
        if (constant == 2 || constant == 3) {
            node.output(repeated(node, base, exponent, constant == 3));
            return;
        }
        if (base.kind() == ScalarKind.I64) {
            requireWholeExponent(node, exponent);
        } else {
            ElementwiseOps.requireFloat(base);
        }
        node.output(
                node.builder()
                        .elementwise(
                                base.type,
                                List.of(base, exponent),
                                loads -> {
                                    Expr power =
                                            Terms.convert(base.kind(), exponent.type, loads.get(1));
                                    return base.kind() == ScalarKind.I64
                                            ? ofIntegers(loads.get(0), power)
                                            : Terms.binary(BinaryOp.POW, loads.get(0), power);
                                }));
    }

    /** The exponent if it is one constant, else NaN. */
    private static double constant(Builder builder, Val exponent) {
        boolean known = exponent.elements() == 1 && builder.isConstant(exponent);
        return known ? builder.tensor(exponent).asDouble(0) : Double.NaN;
    }

    private static Val repeated(NodeContext node, Val base, Val exponent, boolean cube) {
        return node.builder()
                .elementwise(
                        base.type,
                        List.of(base, exponent),
                        loads -> {
                            Expr x = loads.get(0);
                            Expr square = Terms.mul(x, x);
                            return cube ? Terms.mul(square, x) : square;
                        });
    }

    private static void requireWholeExponent(NodeContext node, Val exponent) {
        if (!exponent.isFloat()) {
            return;
        }
        Tensor tensor = node.builder().required(exponent, "the exponent of integers");
        for (int i = 0; i < tensor.elements(); i++) {
            double element = tensor.asDouble(i);
            Refusal.unless(
                    element == Math.rint(element) && Math.abs(element) < 0x1p53,
                    "integers are raised to the power %s",
                    element);
        }
    }

    /** By squaring; a negative exponent gives the truncated reciprocal. */
    private static Expr ofIntegers(Expr base, Expr exponent) {
        Expr one = Exprs.i64(1);
        Expr most = Exprs.i64((1 << EXPONENT_BITS) - 2);
        Expr magnitude = Terms.unary(UnaryOp.ABS, exponent);
        Expr parity = Terms.binary(BinaryOp.AND, magnitude, one);
        Expr bounded =
                Terms.select(Terms.less(most, magnitude), Terms.add(most, parity), magnitude);
        Expr power = one;
        Expr square = base;
        for (int bit = 0; bit < EXPONENT_BITS; bit++) {
            Expr shifted = Terms.binary(BinaryOp.SHIFT_RIGHT, bounded, Exprs.i64(bit));
            Expr set = Terms.binary(BinaryOp.AND, shifted, one);
            power = Terms.select(set, Terms.mul(power, square), power);
            square = Terms.mul(square, square);
        }
        Expr zero = Exprs.i64(0);
        Expr unit = Terms.equal(Terms.mul(base, base), one);
        return Terms.select(Terms.less(exponent, zero), Terms.select(unit, power, zero), power);
    }
}
