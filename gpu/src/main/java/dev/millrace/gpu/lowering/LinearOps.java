package dev.millrace.gpu.lowering;

import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.ScalarKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Matrix products. */
final class LinearOps {
    private static final int UNMARKED_BROADCAST_OPSET = 7;

    private LinearOps() {}

    static void register(Operators operators) {
        operators.standard("MatMul", LinearOps::matMul);
        operators.standard("Gemm", LinearOps::gemm);
        operators.standard("Einsum", EinsumOp::lower);
    }

    private static void matMul(NodeContext node) {
        Val left = node.input(0);
        Val right = node.input(1);
        sameType(left, right);
        node.output(matMul(node.builder(), left, right));
    }

    /** As numpy multiplies: a vector is a row on the left, a column on the right. */
    static Val matMul(Builder builder, Val left, Val right) {
        Refusal.unless(left.rank() > 0 && right.rank() > 0, "a scalar is no matrix");
        Val x = left.rank() == 1 ? Views.unsqueeze(builder, left, 0) : left;
        Val y = right.rank() == 1 ? Views.unsqueeze(builder, right, 1) : right;
        Val product = Matrices.product(builder, left.type, x, y, false, Optional.empty());
        if (right.rank() == 1) {
            product = Views.squeeze(builder, product, product.rank() - 1);
        }
        if (left.rank() == 1) {
            int axis = product.rank() - (right.rank() == 1 ? 1 : 2);
            product = Views.squeeze(builder, product, axis);
        }
        return product;
    }

    private static void gemm(NodeContext node) {
        // Until opset 7 an attribute allowed what is always allowed since.
        node.ignoreAttributes("broadcast");
        Builder builder = node.builder();
        if (node.version() < UNMARKED_BROADCAST_OPSET) {
            // What it marks is what newer versions do unasked.
            node.ignoreAttributes("broadcast");
        }
        Val a = matrix(node, 0, node.flag("transA", false));
        Val b = matrix(node, 1, node.flag("transB", false));
        sameType(a, b);
        float alpha = node.real("alpha", 1);
        float beta = node.real("beta", 1);
        Refusal.unless(
                a.isFloat() || (alpha == 1 && beta == 1), "integers are multiplied by a fraction");
        Optional<Val> c = node.optional(2);
        c.ifPresent(bias -> sameType(a, bias));
        if (alpha == 1) {
            Optional<Val> initial = c.map(bias -> scaled(builder, bias, beta));
            Val result = Matrices.product(builder, a.type, a, b, false, initial);
            c.ifPresent(bias -> checkBias(bias, result));
            node.output(result);
            return;
        }
        Val product = Matrices.product(builder, a.type, a, b, false, Optional.empty());
        c.ifPresent(bias -> checkBias(bias, product));
        List<Val> operands = new ArrayList<>(List.of(product));
        c.ifPresent(operands::add);
        ScalarKind kind = a.kind();
        node.output(
                builder.elementwise(
                        a.type,
                        operands,
                        loads -> {
                            Expr scaled = Terms.mul(Terms.literal(kind, alpha), loads.get(0));
                            if (loads.size() == 1) {
                                return scaled;
                            }
                            Expr bias = Terms.mul(Terms.literal(kind, beta), loads.get(1));
                            return Terms.add(scaled, bias);
                        }));
    }

    private static Val scaled(Builder builder, Val value, float factor) {
        if (factor == 1) {
            return value;
        }
        return builder.elementwise(
                value.type,
                List.of(value),
                loads -> Terms.mul(Terms.like(loads.get(0), factor), loads.get(0)));
    }

    private static void checkBias(Val bias, Val result) {
        int[] shape = Shapes.broadcast(bias.shape, result.shape);
        Refusal.unless(
                Arrays.equals(shape, result.shape), "%s does not fit the product %s", bias, result);
        Rows.broadcast(shape, List.of(bias, result));
    }

    private static Val matrix(NodeContext node, int input, boolean transposed) {
        Val value = node.input(input);
        Refusal.unless(value.rank() == 2, "%s is not a matrix", value);
        return transposed ? Matrices.transposed(value, node.builder()) : value;
    }

    private static void sameType(Val left, Val right) {
        Refusal.unless(left.type == right.type, "%s and %s differ in type", left, right);
    }
}
