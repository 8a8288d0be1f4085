package dev.millrace.gpu.lowering;

import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.Exprs;
import dev.millrace.gpu.model.ScalarKind;
import dev.millrace.gpu.model.Step;
import dev.millrace.gpu.model.UnaryOp;
import java.util.List;

/** What becomes of raw scores in the operators of {@code ai.onnx.ml}. */
enum PostTransform {
    NONE,
    SOFTMAX,
    LOGISTIC,
    SOFTMAX_ZERO,
    PROBIT;

    /** Scores this close to 0 count as absent in {@link #SOFTMAX_ZERO}. */
    private static final float ZERO = 1e-7f;

    static PostTransform named(String name) {
        for (PostTransform transform : values()) {
            if (transform.name().equals(name)) {
                return transform;
            }
        }
        throw new Refusal("post_transform '%s' is not covered".formatted(name));
    }

    static PostTransform numbered(long number) {
        Refusal.unless(
                number >= 0 && number < values().length, "post_transform %d is none", number);
        return values()[(int) number];
    }

    /** Transforms a matrix of scores, row by row, in single precision. */
    Val apply(Builder builder, Val scores) {
        if (this == NONE) {
            return scores;
        }
        Val floats = Features.as(builder, ElementType.FLOAT32, scores);
        Val transformed =
                switch (this) {
                    case NONE -> floats;
                    case LOGISTIC -> map(builder, floats, UnaryOp.SIGMOID);
                    case PROBIT -> probit(builder, floats);
                    case SOFTMAX -> softmax(builder, floats);
                    case SOFTMAX_ZERO -> softmaxZero(builder, floats);
                };
        return Features.as(builder, scores.type, transformed);
    }

    /** Transforms what a regression gives: one target alone knows no classes, only quantiles. */
    Val ofTargets(Builder builder, Val scores) {
        return scores.shape[1] == 1 && this != PROBIT ? scores : apply(builder, scores);
    }

    /**
     * Scores of two classes where only the second has one: the first gets its complement to 1 or
     * its negative; the logistic function goes with negatives.
     */
    Val ofPair(Builder builder, Val score, boolean complement) {
        Refusal.unless(
                this != PROBIT, "post_transform PROBIT of one score for two classes is undefined");
        builder.view(score);
        Val other =
                builder.elementwise(
                        score.type,
                        List.of(score),
                        v ->
                                complement && this != LOGISTIC
                                        ? Terms.sub(Exprs.f32(1), v.get(0))
                                        : Terms.unary(UnaryOp.NEG, v.get(0)));
        boolean logistic = this == LOGISTIC;
        return Features.beside(
                builder,
                score.type,
                List.of(
                        logistic ? map(builder, other, UnaryOp.SIGMOID) : other,
                        logistic ? map(builder, score, UnaryOp.SIGMOID) : score));
    }

    static Val map(Builder builder, Val value, UnaryOp op) {
        return builder.elementwise(
                value.type, List.of(value), loads -> Terms.unary(op, loads.get(0)));
    }

    private static Val softmax(Builder builder, Val scores) {
        builder.view(scores);
        Val greatest = over(builder, Step.Combine.MAX, scores);
        Val powers =
                builder.elementwise(
                        scores.type,
                        List.of(scores, greatest),
                        v -> Terms.unary(UnaryOp.EXP, Terms.sub(v.get(0), v.get(1))));
        builder.view(powers);
        Val sum = over(builder, Step.Combine.SUM, powers);
        return builder.elementwise(
                scores.type, List.of(powers, sum), v -> Terms.div(v.get(0), v.get(1)));
    }

    /** As softmax, but a score of 0 has no part in the sum and stays 0 (almost). */
    private static Val softmaxZero(Builder builder, Val scores) {
        builder.view(scores);
        Val greatest = over(builder, Step.Combine.MAX, scores);
        Val powers =
                builder.elementwise(
                        scores.type,
                        List.of(scores, greatest),
                        v ->
                                Terms.select(
                                        isZero(v.get(0)),
                                        Terms.mul(
                                                v.get(0),
                                                Terms.unary(
                                                        UnaryOp.EXP,
                                                        Terms.unary(UnaryOp.NEG, v.get(1)))),
                                        Terms.unary(UnaryOp.EXP, Terms.sub(v.get(0), v.get(1)))));
        Val terms =
                builder.elementwise(
                        scores.type,
                        List.of(scores, powers),
                        v -> Terms.select(isZero(v.get(0)), Exprs.f32(0), v.get(1)));
        builder.view(powers);
        builder.view(terms);
        Val sum = over(builder, Step.Combine.SUM, terms);
        return builder.elementwise(
                scores.type, List.of(powers, sum), v -> Terms.div(v.get(0), v.get(1)));
    }

    private static Expr isZero(Expr score) {
        return Terms.lessOrEqual(Terms.unary(UnaryOp.ABS, score), Exprs.f32(ZERO));
    }

    /**
     * The quantile of the normal distribution, by the approximation of the inverse error function
     * that ONNX's runners use (Winitzki's, a = 0.147).
     */
    private static Val probit(Builder builder, Val scores) {
        return builder.elementwise(
                scores.type,
                List.of(scores),
                v -> {
                    Expr one = Exprs.f32(1);
                    Expr x = Terms.sub(Terms.mul(Exprs.f32(2), v.get(0)), one);
                    Expr log =
                            Terms.unary(
                                    UnaryOp.LOG, Terms.mul(Terms.sub(one, x), Terms.add(one, x)));
                    Expr half =
                            Terms.add(
                                    Exprs.f32(2 / (3.14159f * 0.147f)),
                                    Terms.mul(Exprs.f32(0.5f), log));
                    Expr scaled = Terms.mul(Exprs.f32(1 / 0.147f), log);
                    Expr inner =
                            Terms.sub(
                                    Terms.unary(
                                            UnaryOp.SQRT, Terms.sub(Terms.mul(half, half), scaled)),
                                    half);
                    Expr magnitude =
                            Terms.mul(Exprs.f32(1.4142135f), Terms.unary(UnaryOp.SQRT, inner));
                    return Terms.select(
                            Terms.less(x, Exprs.f32(0)),
                            Terms.unary(UnaryOp.NEG, magnitude),
                            magnitude);
                });
    }

    /** Combines the columns of each row: {@code [rows, columns] -> [rows, 1]}. */
    static Val over(Builder builder, Step.Combine combine, Val matrix) {
        return over(builder, combine, matrix, new Expr.Load(0, matrix.kind()));
    }

    /**
     * @param term of a column; its load number 0
     */
    static Val over(Builder builder, Step.Combine combine, Val matrix, Expr term) {
        View view = builder.view(matrix);
        ScalarKind kind = matrix.kind();
        View spread =
                new View(
                        view.value(),
                        view.offset(),
                        List.of(view.strides().get(0), 0, view.strides().get(1)));
        Deferred.Root root = new Deferred.Reduce(kind, combine, List.of(matrix.shape[1]), term);
        return builder.defer(
                matrix.type,
                new int[] {matrix.shape[0], 1},
                matrix.rowAxis,
                new Deferred(builder.origin(), root, List.of(spread), new Expr.Accumulated(kind)));
    }
}
