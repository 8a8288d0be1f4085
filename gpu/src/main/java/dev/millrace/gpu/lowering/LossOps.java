package dev.millrace.gpu.lowering;

import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.Exprs;
import dev.millrace.gpu.model.ScalarKind;
import dev.millrace.gpu.model.Step;
import dev.millrace.gpu.model.UnaryOp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** Losses that compare scores of classes with a class. */
final class LossOps {
    private LossOps() {}

    static void register(Operators operators) {
        operators.standard("NegativeLogLikelihoodLoss", LossOps::likelihood);
        operators.standard("SoftmaxCrossEntropyLoss", LossOps::crossEntropy);
    }

    private static void likelihood(NodeContext node) {
        Val scores = scores(node);
        node.output(loss(node, classesLast(node.builder(), scores)));
    }

    private static void crossEntropy(NodeContext node) {
        Builder builder = node.builder();
        Val scores = scores(node);
        Val logarithms = logSoftmax(builder, classesLast(builder, scores));
        node.output(0, loss(node, logarithms));
        if (node.wants(1)) {
            node.output(1, Views.transpose(builder, logarithms, classesSecond(scores.rank())));
        }
    }

    private static Val scores(NodeContext node) {
        Val scores = node.input(0);
        Refusal.unless(
                scores.kind() == ScalarKind.F32 && scores.rank() >= 2,
                "scores %s are not covered",
                scores);
        Rows.spared(scores, 1);
        return scores;
    }

    private static Val classesLast(Builder builder, Val scores) {
        int[] order = new int[scores.rank()];
        for (int i = 1; i < order.length - 1; i++) {
            order[i] = i + 1;
        }
        order[order.length - 1] = 1;
        return Views.transpose(builder, scores, order);
    }

    private static int[] classesSecond(int rank) {
        int[] order = new int[rank];
        order[1] = rank - 1;
        for (int i = 2; i < rank; i++) {
            order[i] = i - 1;
        }
        return order;
    }

    /** {@code (x - max) - log(sum(exp(x - max)))} along the last dimension. */
    private static Val logSoftmax(Builder builder, Val x) {
        Val most = Heads.alongLast(builder, x, Step.Combine.MAX);
        builder.view(most);
        Val powers =
                builder.elementwise(
                        x.type,
                        List.of(x, most),
                        e -> Terms.unary(UnaryOp.EXP, Terms.sub(e.get(0), e.get(1))));
        builder.view(powers);
        Val sum = Heads.alongLast(builder, powers, Step.Combine.SUM);
        builder.view(sum);
        Val result =
                builder.elementwise(
                        x.type,
                        List.of(x, most, sum),
                        e ->
                                Terms.sub(
                                        Terms.sub(e.get(0), e.get(1)),
                                        Terms.unary(UnaryOp.LOG, e.get(2))));
        builder.view(result);
        return result;
    }

    /**
     * @param logarithms of the probabilities, classes last
     */
    private static Val loss(NodeContext node, Val logarithms) {
        Builder builder = node.builder();
        Val target = node.input(1);
        int classes = logarithms.shape[logarithms.rank() - 1];
        int[] shape = Arrays.copyOf(logarithms.shape, logarithms.rank() - 1);
        Refusal.unless(
                target.kind() == ScalarKind.I64 && Arrays.equals(target.shape, shape),
                "classes %s do not fit %s",
                target,
                logarithms);
        boolean ignores = node.hasAttribute("ignore_index");
        long ignored = node.integer("ignore_index", 0);
        Val chosen =
                builder.elementwise(
                        ElementType.INT64,
                        List.of(target),
                        e -> {
                            Expr number = e.get(0);
                            Expr known = Terms.equal(number, Exprs.i64(ignored));
                            Expr safe = Terms.select(known, Exprs.i64(0), number);
                            return new Expr.CheckedIndex(ignores ? safe : number, classes);
                        });
        builder.view(chosen);
        int rowAxis = Rows.broadcast(shape, List.of(target));
        Operands operands = new Operands(builder, shape, true);
        Expr number = operands.use(chosen);
        Expr counts = Exprs.i64(1);
        if (ignores) {
            counts = Terms.not(Terms.equal(operands.use(target), Exprs.i64(ignored)));
        }
        Expr zero = Exprs.f32(0);
        Expr weight = weight(node, operands, number, classes, shape.length);
        View view = builder.view(logarithms);
        int last = view.strides().get(shape.length);
        int input =
                operands.index(
                        new View(
                                view.value(),
                                view.offset(),
                                view.strides().subList(0, shape.length)));
        Expr picked = new Expr.LoadAt(input, Terms.mul(number, Exprs.i64(last)), ScalarKind.F32);
        Expr single = Terms.mul(Terms.unary(UnaryOp.NEG, picked), weight);
        Val losses =
                deferred(
                        builder,
                        logarithms,
                        shape,
                        rowAxis,
                        operands,
                        Terms.select(counts, single, zero));
        Val weights =
                deferred(
                        builder,
                        logarithms,
                        shape,
                        rowAxis,
                        operands,
                        Terms.select(counts, weight, zero));
        return switch (node.text("reduction", "mean")) {
            case "none" -> losses;
            case "sum" -> sum(builder, losses);
            case "mean" -> {
                Val total = sum(builder, losses);
                builder.view(total);
                Val share = sum(builder, weights);
                builder.view(share);
                yield builder.elementwise(
                        logarithms.type, List.of(total, share), e -> Terms.div(e.get(0), e.get(1)));
            }
            default -> throw new Refusal("a reduction of that name is not known");
        };
    }

    private static Expr weight(
            NodeContext node, Operands operands, Expr number, int classes, int rank) {
        Optional<Val> weights = node.optional(2);
        if (weights.isEmpty()) {
            return Exprs.f32(1);
        }
        Rows.absent(weights.get(), "a weight");
        Refusal.unless(
                weights.get().rank() == 1 && weights.get().shape[0] == classes,
                "weights %s do not fit %d classes",
                weights.get(),
                classes);
        View view = node.builder().view(weights.get());
        int input =
                operands.index(
                        new View(
                                view.value(),
                                view.offset(),
                                new ArrayList<>(Collections.nCopies(rank, 0))));
        Expr offset = Terms.mul(number, Exprs.i64(view.strides().get(0)));
        return new Expr.LoadAt(input, offset, ScalarKind.F32);
    }

    private static Val deferred(
            Builder builder, Val like, int[] shape, int rowAxis, Operands operands, Expr expr) {
        return builder.defer(
                like.type,
                shape,
                rowAxis,
                new Deferred(operands.origin(), operands.root(), operands.inputs(), expr));
    }

    private static Val sum(Builder builder, Val values) {
        Refusal.unless(
                !values.hasRows(),
                "it adds up the losses of all records; give it reduction 'none'");
        View view = builder.view(values);
        Deferred.Root root =
                new Deferred.Reduce(
                        values.kind(),
                        Step.Combine.SUM,
                        Shapes.boxed(values.shape),
                        new Expr.Load(0, values.kind()));
        return builder.defer(
                values.type,
                new int[0],
                Rows.NONE,
                new Deferred(
                        builder.origin(),
                        root,
                        List.of(view),
                        new Expr.Accumulated(values.kind())));
    }
}
