package dev.millrace.gpu.lowering;

import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.Exprs;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Support vector machines. */
final class SupportVectorOps {
    private SupportVectorOps() {}

    static void register(Operators operators) {
        operators.machineLearning("SVMRegressor", SupportVectorOps::regressor);
        operators.machineLearning("SVMClassifier", SupportVectorOps::classifier);
    }

    private static void regressor(NodeContext node) {
        Builder builder = node.builder();
        Val features = Features.matrix(node, 0);
        int vectors = Math.toIntExact(node.integer("n_supports", 0));
        float[] coefficients = node.reals("coefficients").orElse(new float[0]);
        float[] rho = node.reals("rho").orElse(new float[0]);
        boolean oneClass = node.flag("one_class", false);
        PostTransform transform = PostTransform.named(node.text("post_transform", "NONE"));
        Refusal.unless(rho.length >= 1, "it has no rho");
        Kernel kernel = Kernel.of(node, vectors == 0);
        Val inputs = features;
        if (vectors > 0) {
            inputs = kernel.apply(builder, features, supports(node, vectors, features.shape[1]));
        } else {
            node.reals("support_vectors");
        }
        int columns = inputs.shape[1];
        Refusal.unless(
                coefficients.length == columns,
                "it has %d coefficients for %d",
                coefficients.length,
                columns);
        Val weights = builder.constant(new int[] {columns, 1}, coefficients);
        Val initial = builder.constant(new int[] {1}, rho[0]);
        Val score =
                Matrices.product(
                        builder, ElementType.FLOAT32, inputs, weights, false, Optional.of(initial));
        node.output(oneClass ? inlier(builder, score) : transform.ofTargets(builder, score));
    }

    private static Val inlier(Builder builder, Val score) {
        return builder.elementwise(
                ElementType.FLOAT32,
                List.of(score),
                v -> Terms.select(Terms.less(Exprs.f32(0), v.get(0)), Exprs.f32(1), Exprs.f32(-1)));
    }

    private static Val supports(NodeContext node, int vectors, int features) {
        float[] supports = node.reals("support_vectors").orElse(new float[0]);
        Refusal.unless(
                supports.length == (long) vectors * features,
                "it has %d elements for %d support vectors of %d features",
                supports.length,
                vectors,
                features);
        return node.builder().constant(new int[] {vectors, features}, supports);
    }

    /** One score per pair of classes; the class that wins most pairs is the label. */
    private static void classifier(NodeContext node) {
        Builder builder = node.builder();
        Val features = Features.matrix(node, 0);
        ClassLabels labels = ClassLabels.of(node, "classlabels_ints");
        int[] counts = counts(node);
        int classes = labels.count();
        Refusal.unless(
                !node.hasAttribute("prob_a") && !node.hasAttribute("prob_b"),
                "its probabilities (prob_a, prob_b) come from an iteration that stops early");
        Refusal.unless(
                counts.length == classes && classes > 1,
                "it has support vectors for %d of %d classes",
                counts.length,
                classes);
        PostTransform transform = PostTransform.named(node.text("post_transform", "NONE"));
        int vectors = 0;
        for (int count : counts) {
            vectors = Math.addExact(vectors, count);
        }
        Kernel kernel = Kernel.of(node, false);
        Val similarity =
                kernel.apply(builder, features, supports(node, vectors, features.shape[1]));
        Val pairs = pairs(node, similarity, counts, vectors);
        builder.view(pairs);
        node.output(0, labels.ofGreatest(builder, votes(builder, pairs, classes)));
        if (classes > 2) {
            node.output(1, transform.apply(builder, pairs));
            return;
        }
        Val score = Features.column(builder, pairs, 0);
        node.output(1, transform.ofPair(builder, score, transform != PostTransform.NONE));
    }

    private static int[] counts(NodeContext node) {
        long[] counts = node.integers("vectors_per_class").orElse(new long[0]);
        int[] checked = new int[counts.length];
        for (int i = 0; i < counts.length; i++) {
            checked[i] = Shapes.extent(counts[i]);
        }
        return checked;
    }

    /** Scores of each pair of classes i below j, in order. */
    private static Val pairs(NodeContext node, Val similarity, int[] counts, int vectors) {
        Builder builder = node.builder();
        int classes = counts.length;
        int pairs = classes * (classes - 1) / 2;
        float[] coefficients = node.reals("coefficients").orElse(new float[0]);
        float[] rho = node.reals("rho").orElse(new float[0]);
        Refusal.unless(
                coefficients.length == (long) (classes - 1) * vectors && rho.length == pairs,
                "it has %d coefficients and %d rho for %d classes of %d support vectors",
                coefficients.length,
                rho.length,
                classes,
                vectors);
        float[] weights = new float[Math.multiplyExact(vectors, pairs)];
        int pair = 0;
        int startOfFirst = 0;
        for (int i = 0; i < classes; i++) {
            int startOfSecond = startOfFirst + counts[i];
            for (int j = i + 1; j < classes; j++) {
                for (int m = startOfFirst; m < startOfFirst + counts[i]; m++) {
                    weights[m * pairs + pair] = coefficients[(j - 1) * vectors + m];
                }
                for (int m = startOfSecond; m < startOfSecond + counts[j]; m++) {
                    weights[m * pairs + pair] = coefficients[i * vectors + m];
                }
                startOfSecond += counts[j];
                pair++;
            }
            startOfFirst += counts[i];
        }
        return Matrices.product(
                builder,
                ElementType.FLOAT32,
                similarity,
                builder.constant(new int[] {vectors, pairs}, weights),
                false,
                Optional.of(builder.constant(new int[] {pairs}, rho)));
    }

    private static Val votes(Builder builder, Val pairs, int classes) {
        List<Val> votes = new ArrayList<>();
        for (int label = 0; label < classes; label++) {
            List<Val> own = new ArrayList<>();
            List<Boolean> first = new ArrayList<>();
            int pair = 0;
            for (int i = 0; i < classes; i++) {
                for (int j = i + 1; j < classes; j++) {
                    if (i == label || j == label) {
                        own.add(Features.column(builder, pairs, pair));
                        first.add(i == label);
                    }
                    pair++;
                }
            }
            votes.add(
                    builder.elementwise(
                            ElementType.INT64,
                            own,
                            v -> {
                                Expr sum = Exprs.i64(0);
                                for (int k = 0; k < v.size(); k++) {
                                    Expr wins = Terms.less(Exprs.f32(0), v.get(k));
                                    sum = Terms.add(sum, first.get(k) ? wins : Terms.not(wins));
                                }
                                return sum;
                            }));
        }
        return Features.beside(builder, ElementType.INT64, votes);
    }
}
