package dev.millrace.gpu.lowering;

import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.Exprs;
import dev.millrace.gpu.model.UnaryOp;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;

/** The functions between the gates of a recurrent layer, as its attributes name them. */
final class Activations {
    private final List<UnaryOperator<Expr>> functions = new ArrayList<>();
    private final float[] alphas;
    private final float[] betas;
    private final float clip;
    private int nextAlpha;
    private int nextBeta;

    private Activations(NodeContext node) {
        alphas = node.reals("activation_alpha").orElse(new float[0]);
        betas = node.reals("activation_beta").orElse(new float[0]);
        clip = node.hasAttribute("clip") ? node.real("clip", 0) : Float.POSITIVE_INFINITY;
        Refusal.unless(clip > 0, "clip is %s", clip);
    }

    /**
     * All functions of a layer, direction by direction.
     *
     * @param defaults names for one direction
     */
    static Activations of(NodeContext node, List<String> defaults, int directions) {
        Activations activations = new Activations(node);
        List<String> names = new ArrayList<>();
        for (int direction = 0; direction < directions; direction++) {
            names.addAll(defaults);
        }
        List<String> given = node.texts("activations").orElse(names);
        Refusal.unless(
                given.size() == names.size(),
                "%d activations are named, not %d",
                given.size(),
                names.size());
        for (String name : given) {
            activations.functions.add(activations.function(name));
        }
        return activations;
    }

    UnaryOperator<Expr> unclipped(int index) {
        return functions.get(index);
    }

    /** A function that is given clipped operands, where the node says so. */
    UnaryOperator<Expr> get(int index) {
        UnaryOperator<Expr> function = functions.get(index);
        if (clip == Float.POSITIVE_INFINITY) {
            return function;
        }
        return x -> function.apply(clipped(x));
    }

    private Expr clipped(Expr x) {
        return Terms.max(Terms.min(x, Exprs.f32(clip)), Exprs.f32(-clip));
    }

    private UnaryOperator<Expr> function(String name) {
        switch (name.toLowerCase(Locale.ROOT)) {
            case "relu" -> {
                return x -> Terms.max(x, Exprs.f32(0));
            }
            case "tanh" -> {
                return x -> Terms.unary(UnaryOp.TANH, x);
            }
            case "sigmoid" -> {
                return x -> Terms.unary(UnaryOp.SIGMOID, x);
            }
            case "softsign" -> {
                return x -> Terms.div(x, Terms.add(Exprs.f32(1), Terms.unary(UnaryOp.ABS, x)));
            }
            case "softplus" -> {
                return x -> Terms.unary(UnaryOp.SOFTPLUS, x);
            }
            case "affine" -> {
                Expr alpha = alpha(1);
                Expr beta = beta(0);
                return x -> Terms.add(Terms.mul(alpha, x), beta);
            }
            case "leakyrelu" -> {
                Expr alpha = alpha(0.01f);
                return x -> Terms.select(negative(x), Terms.mul(alpha, x), x);
            }
            case "thresholdedrelu" -> {
                Expr alpha = alpha(1);
                return x -> Terms.select(Terms.less(alpha, x), x, Exprs.f32(0));
            }
            case "scaledtanh" -> {
                Expr alpha = alpha(1);
                Expr beta = beta(1);
                return x -> Terms.mul(alpha, Terms.unary(UnaryOp.TANH, Terms.mul(beta, x)));
            }
            case "hardsigmoid" -> {
                Expr alpha = alpha(0.2f);
                Expr beta = beta(0.5f);
                return x -> {
                    Expr line = Terms.add(Terms.mul(alpha, x), beta);
                    return Terms.max(Terms.min(line, Exprs.f32(1)), Exprs.f32(0));
                };
            }
            case "elu" -> {
                Expr alpha = alpha(1);
                return x ->
                        Terms.select(
                                negative(x), Terms.mul(alpha, Terms.unary(UnaryOp.EXPM1, x)), x);
            }
            default -> throw new Refusal("activation " + name + " is not known");
        }
    }

    private static Expr negative(Expr x) {
        return Terms.less(x, Exprs.f32(0));
    }

    /** The next of the given values: only functions that have one take one. */
    private Expr alpha(float otherwise) {
        return Exprs.f32(nextAlpha < alphas.length ? alphas[nextAlpha++] : otherwise);
    }

    private Expr beta(float otherwise) {
        return Exprs.f32(nextBeta < betas.length ? betas[nextBeta++] : otherwise);
    }
}
