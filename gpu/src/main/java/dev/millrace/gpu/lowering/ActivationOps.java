package dev.millrace.gpu.lowering;

import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.UnaryOp;
import java.util.Arrays;
import java.util.List;

/** Activation functions. */
final class ActivationOps {
    private static final float SELU_ALPHA = 1.6732632f;
    private static final float SELU_GAMMA = 1.050701f;

    /** Before, a vector of slopes belonged to the channels; since then shapes broadcast. */
    private static final int ONE_SLOPE_PER_CHANNEL = 7;

    private static final double SQRT_HALF = Math.sqrt(0.5);
    private static final double SQRT_TWO_OVER_PI = Math.sqrt(2 / Math.PI);

    private ActivationOps() {}

    static void register(Operators operators) {
        operators.standard("Relu", ActivationOps::relu);
        operators.standard("LeakyRelu", ActivationOps::leakyRelu);
        operators.standard("PRelu", ActivationOps::parametricRelu);
        operators.standard("ThresholdedRelu", ActivationOps::thresholdedRelu);
        operators.standard("Elu", ActivationOps::elu);
        operators.standard("Celu", ActivationOps::celu);
        operators.standard("Selu", ActivationOps::selu);
        operators.standard("HardSigmoid", ActivationOps::hardSigmoid);
        operators.standard("HardSwish", ActivationOps::hardSwish);
        operators.standard("Softsign", ActivationOps::softsign);
        operators.standard("Mish", ActivationOps::mish);
        operators.standard("Swish", ActivationOps::swish);
        operators.standard("Shrink", ActivationOps::shrink);
        operators.standard("Gelu", ActivationOps::gelu);
        operators.contributed(
                "Gelu", node -> ElementwiseOps.floats(node, ActivationOps::exactGelu));
        operators.contributed("FastGelu", ActivationOps::fastGelu);
        operators.contributed("BiasGelu", ActivationOps::biasGelu);
        operators.contributed("QuickGelu", ActivationOps::quickGelu);
    }

    private static void relu(NodeContext node) {
        node.output(ElementwiseOps.map(node, node.input(0), ActivationOps::relu));
    }

    static Expr relu(Expr x) {
        return Terms.max(x, Terms.like(x, 0));
    }

    private static void leakyRelu(NodeContext node) {
        float alpha = node.real("alpha", 0.01f);
        Val value = ElementwiseOps.requireFloat(node.input(0));
        node.output(ElementwiseOps.map(node, value, x -> leaky(x, Terms.like(x, alpha))));
    }

    private static Expr leaky(Expr x, Expr slope) {
        return Terms.select(Terms.less(x, Terms.like(x, 0)), Terms.mul(slope, x), x);
    }

    private static void parametricRelu(NodeContext node) {
        Val value = node.input(0);
        Val slope = node.input(1);
        if (node.version() < ONE_SLOPE_PER_CHANNEL && slope.rank() == 1 && slope.shape[0] != 1) {
            for (int axis = 2; axis < value.rank(); axis++) {
                slope = Views.unsqueeze(node.builder(), slope, 1);
            }
        }
        Val slopes = slope;
        ElementwiseOps.sameType(value, slopes);
        Refusal.unless(
                Arrays.equals(Shapes.broadcast(value.shape, slopes.shape), value.shape),
                "slope %s does not fit %s",
                slopes,
                value);
        node.output(
                node.builder()
                        .elementwise(
                                value.type,
                                List.of(value, slopes),
                                loads -> leaky(loads.get(0), loads.get(1))));
    }

    private static void thresholdedRelu(NodeContext node) {
        float alpha = node.real("alpha", 1);
        Val value = ElementwiseOps.requireFloat(node.input(0));
        node.output(
                ElementwiseOps.map(
                        node,
                        value,
                        x ->
                                Terms.select(
                                        Terms.less(Terms.like(x, alpha), x), x, Terms.like(x, 0))));
    }

    private static void elu(NodeContext node) {
        float alpha = node.real("alpha", 1);
        ElementwiseOps.floats(node, x -> elu(x, alpha));
    }

    static Expr elu(Expr x, float alpha) {
        Expr below = Terms.mul(Terms.like(x, alpha), Terms.unary(UnaryOp.EXPM1, x));
        return Terms.select(Terms.less(x, Terms.like(x, 0)), below, x);
    }

    private static void celu(NodeContext node) {
        float alpha = node.real("alpha", 1);
        ElementwiseOps.floats(
                node,
                x -> {
                    Expr zero = Terms.like(x, 0);
                    Expr factor = Terms.like(x, alpha);
                    Expr curve =
                            Terms.mul(factor, Terms.unary(UnaryOp.EXPM1, Terms.div(x, factor)));
                    return Terms.add(Terms.max(zero, x), Terms.min(zero, curve));
                });
    }

    private static void selu(NodeContext node) {
        float alpha = node.real("alpha", SELU_ALPHA);
        float gamma = node.real("gamma", SELU_GAMMA);
        ElementwiseOps.floats(node, x -> Terms.mul(Terms.like(x, gamma), elu(x, alpha)));
    }

    private static void hardSigmoid(NodeContext node) {
        float alpha = node.real("alpha", 0.2f);
        float beta = node.real("beta", 0.5f);
        Val value = ElementwiseOps.requireFloat(node.input(0));
        node.output(ElementwiseOps.map(node, value, x -> hardSigmoid(x, alpha, beta)));
    }

    static Expr hardSigmoid(Expr x, float alpha, float beta) {
        Expr line = Terms.add(Terms.mul(Terms.like(x, alpha), x), Terms.like(x, beta));
        return Terms.max(Terms.like(x, 0), Terms.min(Terms.like(x, 1), line));
    }

    private static void hardSwish(NodeContext node) {
        Val value = ElementwiseOps.requireFloat(node.input(0));
        node.output(
                ElementwiseOps.map(node, value, x -> Terms.mul(x, hardSigmoid(x, 1 / 6f, 0.5f))));
    }

    private static void softsign(NodeContext node) {
        Val value = ElementwiseOps.requireFloat(node.input(0));
        node.output(ElementwiseOps.map(node, value, ActivationOps::softsign));
    }

    static Expr softsign(Expr x) {
        return Terms.div(x, Terms.add(Terms.like(x, 1), Terms.unary(UnaryOp.ABS, x)));
    }

    private static void mish(NodeContext node) {
        ElementwiseOps.floats(
                node,
                x -> Terms.mul(x, Terms.unary(UnaryOp.TANH, Terms.unary(UnaryOp.SOFTPLUS, x))));
    }

    private static void swish(NodeContext node) {
        float alpha = node.real("alpha", 1);
        ElementwiseOps.floats(node, x -> swish(x, alpha));
    }

    private static Expr swish(Expr x, float alpha) {
        Expr inner = alpha == 1 ? x : Terms.mul(Terms.like(x, alpha), x);
        return Terms.mul(x, Terms.unary(UnaryOp.SIGMOID, inner));
    }

    private static void quickGelu(NodeContext node) {
        float alpha = node.real("alpha", 1.702f);
        ElementwiseOps.floats(node, x -> swish(x, alpha));
    }

    private static void shrink(NodeContext node) {
        float bias = node.real("bias", 0);
        float lambda = node.real("lambd", 0.5f);
        Val value = ElementwiseOps.requireFloat(node.input(0));
        node.output(
                ElementwiseOps.map(
                        node,
                        value,
                        x -> {
                            Expr above = Terms.sub(x, Terms.like(x, bias));
                            Expr below = Terms.add(x, Terms.like(x, bias));
                            Expr positive =
                                    Terms.select(
                                            Terms.less(Terms.like(x, lambda), x),
                                            above,
                                            Terms.like(x, 0));
                            return Terms.select(
                                    Terms.less(x, Terms.like(x, -lambda)), below, positive);
                        }));
    }

    private static void gelu(NodeContext node) {
        String approximate = node.text("approximate", "none");
        Refusal.unless(
                approximate.equals("none") || approximate.equals("tanh"),
                "approximate='%s' is not covered",
                approximate);
        boolean tanh = approximate.equals("tanh");
        ElementwiseOps.floats(node, x -> tanh ? tanhGelu(x) : exactGelu(x));
    }

    static Expr exactGelu(Expr x) {
        Expr erf = Terms.unary(UnaryOp.ERF, Terms.mul(x, Terms.like(x, SQRT_HALF)));
        Expr half = Terms.mul(Terms.like(x, 0.5), x);
        return Terms.mul(half, Terms.add(Terms.like(x, 1), erf));
    }

    static Expr tanhGelu(Expr x) {
        Expr cube = Terms.mul(Terms.mul(x, x), x);
        Expr inner = Terms.add(x, Terms.mul(Terms.like(x, 0.044715), cube));
        Expr tanh = Terms.unary(UnaryOp.TANH, Terms.mul(Terms.like(x, SQRT_TWO_OVER_PI), inner));
        Expr half = Terms.mul(Terms.like(x, 0.5), x);
        return Terms.mul(half, Terms.add(Terms.like(x, 1), tanh));
    }

    private static void fastGelu(NodeContext node) {
        node.output(ElementwiseOps.map(node, biased(node, 1), ActivationOps::tanhGelu));
    }

    private static void biasGelu(NodeContext node) {
        node.output(ElementwiseOps.map(node, biased(node, 1), ActivationOps::exactGelu));
    }

    private static Val biased(NodeContext node, int bias) {
        Val value = ElementwiseOps.requireFloat(node.input(0));
        if (!node.has(bias)) {
            return value;
        }
        return node.builder()
                .elementwise(
                        value.type,
                        List.of(value, node.input(bias)),
                        loads -> Terms.add(loads.get(0), loads.get(1)));
    }
}
