package dev.millrace.gpu.lowering;

import dev.millrace.gpu.model.BinaryOp;
import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.ScalarKind;
import dev.millrace.gpu.model.UnaryOp;
import java.util.List;
import java.util.function.UnaryOperator;

/** Operators that compute every element by itself. */
final class ElementwiseOps {
    private ElementwiseOps() {}

    static void register(Operators operators) {
        binary(operators, "Add", BinaryOp.ADD);
        binary(operators, "Sub", BinaryOp.SUB);
        binary(operators, "Mul", BinaryOp.MUL);
        unary(operators, "Relu", x -> Terms.max(x, Terms.like(x, 0)));
        floats(operators, "Sigmoid", UnaryOp.SIGMOID);
        floats(operators, "Tanh", UnaryOp.TANH);
        floats(operators, "Exp", UnaryOp.EXP);
        operators.standard("Identity", node -> node.output(node.counted(0)));
    }

    private static void binary(Operators operators, String operator, BinaryOp op) {
        operators.standard(
                operator,
                node -> {
                    Val left = node.input(0);
                    Val right = node.input(1);
                    Refusal.unless(left.type == right.type, "%s, %s: types differ", left, right);
                    node.output(
                            node.builder()
                                    .elementwise(
                                            left.type,
                                            List.of(left, right),
                                            x -> Terms.binary(op, x.get(0), x.get(1))));
                });
    }

    /** An operator of one operand whose result has the operand's type. */
    private static void unary(Operators operators, String operator, UnaryOperator<Expr> body) {
        operators.standard(operator, node -> node.output(map(node, node.input(0), body)));
    }

    /** An operator that exists in single precision alone. */
    private static void floats(Operators operators, String operator, UnaryOp op) {
        operators.standard(
                operator,
                node -> {
                    Val value = node.input(0);
                    Refusal.unless(
                            value.kind() == ScalarKind.F32,
                            "it is computed in single precision only, not for %s",
                            value);
                    node.output(map(node, value, x -> Terms.unary(op, x)));
                });
    }

    private static Val map(NodeContext node, Val value, UnaryOperator<Expr> body) {
        return node.builder()
                .elementwise(value.type, List.of(value), loads -> body.apply(loads.get(0)));
    }
}
