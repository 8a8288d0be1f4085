package dev.millrace.gpu.lowering;

import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.Step;
import dev.millrace.gpu.model.Tensor;
import dev.millrace.gpu.model.UnaryOp;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;

/** Softmax and what resembles it. */
final class SoftmaxOps {
    /** Before, everything from the axis on was one dimension. */
    private static final int ONE_AXIS = 13;

    private SoftmaxOps() {}

    static void register(Operators operators) {
        operators.standard("Softmax", SoftmaxOps::softmax);
        operators.standard("LogSoftmax", SoftmaxOps::logSoftmax);
        operators.standard("Hardmax", SoftmaxOps::hardmax);
    }

    private static int[] axes(NodeContext node, Val value) {
        boolean one = node.version() >= ONE_AXIS;
        int axis = node.axis("axis", one ? -1 : 1, value.rank());
        return one ? new int[] {axis} : Shapes.range(axis, value.rank());
    }

    private static void softmax(NodeContext node) {
        Val value = ElementwiseOps.requireFloat(node.input(0));
        node.output(softmax(node.builder(), value, axes(node, value)));
    }

    /**
     * {@code exp(x - max) / sum}, along dimensions together. In FLOAT32 (FLOAT64) until it is
     * stored.
     */
    static Val softmax(Builder builder, Val value, int[] axes) {
        Val shifted = shifted(builder, value, axes);
        Val powers = map(builder, shifted, x -> Terms.unary(UnaryOp.EXP, x));
        builder.view(powers);
        Val sum =
                Reductions.reduce(
                        builder, Step.Combine.SUM, powers.type, powers, axes, true, x -> x);
        builder.view(sum);
        return builder.elementwise(
                value.type, List.of(powers, sum), loads -> Terms.div(loads.get(0), loads.get(1)));
    }

    private static Val map(Builder builder, Val value, UnaryOperator<Expr> body) {
        return builder.elementwise(value.type, List.of(value), loads -> body.apply(loads.get(0)));
    }

    /** The distance from the largest element. */
    private static Val shifted(Builder builder, Val value, int[] axes) {
        ElementType type = ReductionOps.accumulator(value);
        builder.view(value);
        Val largest = Reductions.reduce(builder, Step.Combine.MAX, type, value, axes, true, x -> x);
        builder.view(largest);
        return builder.elementwise(
                type, List.of(value, largest), loads -> Terms.sub(loads.get(0), loads.get(1)));
    }

    private static void logSoftmax(NodeContext node) {
        Val value = ElementwiseOps.requireFloat(node.input(0));
        int[] axes = axes(node, value);
        Builder builder = node.builder();
        Val shifted = shifted(builder, value, axes);
        builder.view(shifted);
        Val sum =
                Reductions.reduce(
                        builder,
                        Step.Combine.SUM,
                        shifted.type,
                        shifted,
                        axes,
                        true,
                        x -> Terms.unary(UnaryOp.EXP, x));
        Val logarithm = map(builder, sum, x -> Terms.unary(UnaryOp.LOG, x));
        builder.view(logarithm);
        node.output(
                builder.elementwise(
                        value.type,
                        List.of(shifted, logarithm),
                        loads -> Terms.sub(loads.get(0), loads.get(1))));
    }

    private static void hardmax(NodeContext node) {
        Val value = node.input(0);
        int[] axes = axes(node, value);
        Builder builder = node.builder();
        builder.view(value);
        Val largest = Reductions.position(builder, true, false, value, axes, true);
        builder.view(largest);
        int[] shape = new int[value.rank()];
        Arrays.fill(shape, 1);
        for (int axis : axes) {
            shape[axis] = value.shape[axis];
        }
        long[] numbers = new long[Shapes.elements(shape)];
        Arrays.setAll(numbers, i -> i);
        Val places = builder.constant(Tensor.of(ElementType.INT64, Shapes.boxed(shape), numbers));
        node.output(
                builder.elementwise(
                        value.type,
                        List.of(places, largest),
                        loads -> {
                            Expr one = Terms.literal(value.kind(), 1);
                            Expr zero = Terms.literal(value.kind(), 0);
                            return Terms.select(Terms.equal(loads.get(0), loads.get(1)), one, zero);
                        }));
    }
}
