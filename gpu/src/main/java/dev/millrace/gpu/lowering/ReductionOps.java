package dev.millrace.gpu.lowering;

import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.ScalarKind;
import dev.millrace.gpu.model.Step;
import dev.millrace.gpu.model.UnaryOp;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Sums, means, maxima and softmax along dimensions. */
final class ReductionOps {
    private ReductionOps() {}

    static void register(Operators operators) {
        operators.standard("ReduceSum", node -> reduce(node, Step.Combine.SUM, true));
        operators.standard("ReduceProd", node -> reduce(node, Step.Combine.PRODUCT, true));
        operators.standard("ReduceMax", node -> reduce(node, Step.Combine.MAX, false));
        operators.standard("ReduceMin", node -> reduce(node, Step.Combine.MIN, false));
        operators.standard("ReduceMean", ReductionOps::mean);
        operators.standard("ReduceL1", node -> sum(node, ReductionOps::magnitude, x -> x));
        operators.standard("ReduceSumSquare", node -> sum(node, ReductionOps::square, x -> x));
        operators.standard("ReduceL2", ReductionOps::euclidean);
        operators.standard("ReduceLogSum", ReductionOps::logSum);
        operators.standard("ReduceLogSumExp", ReductionOps::logSumExp);
        operators.standard("ArgMax", node -> position(node, true));
        operators.standard("ArgMin", node -> position(node, false));
        SoftmaxOps.register(operators);
        ScanOps.register(operators);
    }

    /** What a reduction works along. */
    private record Along(Val value, List<Integer> along, boolean keep) {
        int[] axes() {
            return Shapes.unboxed(along);
        }

        Val reduce(
                NodeContext node,
                Step.Combine combine,
                ElementType type,
                UnaryOperator<Expr> term) {
            return Reductions.reduce(node.builder(), combine, type, value, axes(), keep, term);
        }

        int count() {
            int count = 1;
            for (int axis : along) {
                count *= value.shape[axis];
            }
            return count;
        }
    }

    /** Reads value, axes and keepdims; empty if nothing is to be reduced at all. */
    private static Optional<Along> along(NodeContext node) {
        Val value = node.input(0);
        boolean keep = node.flag("keepdims", true);
        boolean nothing = node.flag("noop_with_empty_axes", false);
        long[] given = node.integersOrInput("axes", 1).orElse(new long[0]);
        if (given.length == 0 && nothing) {
            return Optional.empty();
        }
        int[] axes =
                given.length == 0
                        ? Shapes.range(0, value.rank())
                        : Shapes.axes(given, value.rank());
        return Optional.of(new Along(value, Shapes.boxed(axes), keep));
    }

    private static Along alongSome(NodeContext node) {
        return along(node).orElseThrow(() -> new Refusal("noop_with_empty_axes is not covered"));
    }

    private static void reduce(NodeContext node, Step.Combine combine, boolean arithmetic) {
        Optional<Along> along = along(node);
        if (along.isEmpty()) {
            node.output(node.input(0));
            return;
        }
        Val value = along.get().value();
        boolean order = !arithmetic;
        Refusal.unless(
                !order || value.isFloat() || along.get().count() > 0,
                "there is no largest or smallest integer in %s",
                value);
        ElementType type = value.type;
        Val reduced =
                along.get()
                        .reduce(
                                node,
                                combine,
                                accumulator(value),
                                x -> order ? ElementwiseOps.ordered(type, x) : x);
        node.output(
                node.builder()
                        .elementwise(
                                type,
                                List.of(reduced),
                                x -> order ? ElementwiseOps.unordered(type, x.get(0)) : x.get(0)));
    }

    /** The type sums are held in. */
    static ElementType accumulator(Val value) {
        return accumulator(value.type);
    }

    static ElementType accumulator(ElementType type) {
        return switch (ScalarKind.of(type)) {
            case F32 -> ElementType.FLOAT32;
            case F64 -> ElementType.FLOAT64;
            case I64 -> ElementType.INT64;
        };
    }

    private static void mean(NodeContext node) {
        Optional<Along> along = along(node);
        if (along.isEmpty()) {
            node.output(node.input(0));
            return;
        }
        Val value = along.get().value();
        int count = along.get().count();
        Val sum = along.get().reduce(node, Step.Combine.SUM, accumulator(value), x -> x);
        node.output(
                node.builder()
                        .elementwise(
                                value.type,
                                List.of(sum),
                                loads -> Terms.div(loads.get(0), Terms.like(loads.get(0), count))));
    }

    private static Expr square(Expr x) {
        return Terms.mul(x, x);
    }

    private static Expr magnitude(Expr x) {
        return Terms.unary(UnaryOp.ABS, x);
    }

    private static void sum(
            NodeContext node, UnaryOperator<Expr> term, UnaryOperator<Expr> finish) {
        Along along = alongSome(node);
        Val value = along.value();
        Val sum = along.reduce(node, Step.Combine.SUM, accumulator(value), term);
        node.output(
                node.builder()
                        .elementwise(
                                value.type, List.of(sum), loads -> finish.apply(loads.get(0))));
    }

    private static void euclidean(NodeContext node) {
        ElementwiseOps.requireFloat(node.input(0));
        sum(node, ReductionOps::square, x -> Terms.unary(UnaryOp.SQRT, x));
    }

    private static void logSum(NodeContext node) {
        ElementwiseOps.requireFloat(node.input(0));
        sum(node, x -> x, x -> Terms.unary(UnaryOp.LOG, x));
    }

    private static void logSumExp(NodeContext node) {
        ElementwiseOps.requireFloat(node.input(0));
        Along along = alongSome(node);
        Val value = along.value();
        Builder builder = node.builder();
        builder.view(value);
        Val largest = finiteMaximum(builder, value, along.axes());
        Val sum =
                Reductions.reduce(
                        builder,
                        Step.Combine.SUM,
                        largest.type,
                        List.of(value, largest),
                        along.axes(),
                        true,
                        loads -> Terms.unary(UnaryOp.EXP, Terms.sub(loads.get(0), loads.get(1))));
        Val result =
                builder.elementwise(
                        value.type,
                        List.of(sum, largest),
                        loads -> Terms.add(Terms.unary(UnaryOp.LOG, loads.get(0)), loads.get(1)));
        node.output(along.keep() ? result : Views.squeeze(builder, result, along.axes()));
    }

    /** The maximum along dimensions, which stay; 0 where it is infinite. Computed. */
    private static Val finiteMaximum(Builder builder, Val value, int[] axes) {
        ElementType type = accumulator(value);
        Val largest = Reductions.reduce(builder, Step.Combine.MAX, type, value, axes, true, x -> x);
        Val finite =
                builder.elementwise(
                        type,
                        List.of(largest),
                        loads ->
                                Terms.select(
                                        Terms.unary(UnaryOp.IS_INFINITE, loads.get(0)),
                                        Terms.like(loads.get(0), 0),
                                        loads.get(0)));
        builder.view(finite);
        return finite;
    }

    private static void position(NodeContext node, boolean maximum) {
        Val value = node.input(0);
        int axis = node.axis("axis", 0, value.rank());
        boolean keep = node.flag("keepdims", true);
        boolean last = node.flag("select_last_index", false);
        node.output(
                Reductions.position(node.builder(), maximum, last, value, new int[] {axis}, keep));
    }
}
