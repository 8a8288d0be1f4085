package dev.millrace.gpu.lowering;

import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.model.BinaryOp;
import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.Exprs;
import dev.millrace.gpu.model.ScalarKind;
import dev.millrace.gpu.model.Step;
import dev.millrace.gpu.model.UnaryOp;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * How alike two vectors of features are, to a support vector machine.
 *
 * @param type LINEAR, POLY, RBF or SIGMOID
 */
record Kernel(String type, float gamma, float coef0, float degree) {
    private static final int PARAMETERS = 3;

    static Kernel of(NodeContext node, boolean linear) {
        String type = node.text("kernel_type", "LINEAR");
        float[] parameters = node.reals("kernel_params").orElse(new float[PARAMETERS]);
        Refusal.unless(
                parameters.length == PARAMETERS,
                "kernel_params has %d elements, not 3",
                parameters.length);
        return new Kernel(linear ? "LINEAR" : type, parameters[0], parameters[1], parameters[2]);
    }

    /** {@code [rows, features] x [vectors, features] -> [rows, vectors]}. */
    Val apply(Builder builder, Val features, Val vectors) {
        return switch (type) {
            case "LINEAR" -> product(builder, features, vectors);
            case "POLY" ->
                    of(
                            builder,
                            product(builder, features, vectors),
                            x -> Terms.binary(BinaryOp.POW, affine(x), Exprs.f32(degree)));
            case "SIGMOID" ->
                    of(
                            builder,
                            product(builder, features, vectors),
                            x -> Terms.unary(UnaryOp.TANH, affine(x)));
            case "RBF" ->
                    of(
                            builder,
                            distances(builder, features, vectors),
                            x -> Terms.unary(UnaryOp.EXP, Terms.mul(Exprs.f32(-gamma), x)));
            default -> throw new Refusal("kernel_type '%s' is not covered".formatted(type));
        };
    }

    private Expr affine(Expr x) {
        return Terms.add(Terms.mul(Exprs.f32(gamma), x), Exprs.f32(coef0));
    }

    private static Val of(Builder builder, Val value, UnaryOperator<Expr> body) {
        return builder.elementwise(ElementType.FLOAT32, List.of(value), v -> body.apply(v.get(0)));
    }

    private static Val product(Builder builder, Val features, Val vectors) {
        return Matrices.product(
                builder,
                ElementType.FLOAT32,
                features,
                Matrices.transposed(vectors, builder),
                false,
                Optional.empty());
    }

    /** Squared distances. */
    private static Val distances(Builder builder, Val features, Val vectors) {
        View rows = builder.view(features);
        View supports = builder.view(vectors);
        View left =
                new View(
                        rows.value(),
                        rows.offset(),
                        List.of(rows.strides().get(0), 0, rows.strides().get(1)));
        View right =
                new View(
                        supports.value(),
                        supports.offset(),
                        List.of(0, supports.strides().get(0), supports.strides().get(1)));
        ScalarKind kind = ScalarKind.F32;
        Expr difference = Terms.sub(new Expr.Load(0, kind), new Expr.Load(1, kind));
        Deferred.Root root =
                new Deferred.Reduce(
                        kind,
                        Step.Combine.SUM,
                        List.of(features.shape[1]),
                        Terms.mul(difference, difference));
        return builder.defer(
                ElementType.FLOAT32,
                new int[] {features.shape[0], vectors.shape[0]},
                features.rowAxis,
                new Deferred(
                        builder.origin(), root, List.of(left, right), new Expr.Accumulated(kind)));
    }
}
