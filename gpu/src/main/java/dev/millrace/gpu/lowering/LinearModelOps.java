package dev.millrace.gpu.lowering;

import dev.millrace.gpu.engine.ElementType;
import java.util.Optional;

/** Linear models. */
final class LinearModelOps {
    private LinearModelOps() {}

    static void register(Operators operators) {
        operators.machineLearning("LinearRegressor", LinearModelOps::regressor);
        operators.machineLearning("LinearClassifier", LinearModelOps::classifier);
    }

    private static void regressor(NodeContext node) {
        Val features = Features.matrix(node, 0);
        int targets = Math.toIntExact(node.integer("targets", 1));
        PostTransform transform = PostTransform.named(node.text("post_transform", "NONE"));
        Val scores = scores(node, features, targets);
        node.output(transform.ofTargets(node.builder(), scores));
    }

    private static Val scores(NodeContext node, Val features, int targets) {
        Builder builder = node.builder();
        float[] coefficients = node.reals("coefficients").orElse(new float[0]);
        float[] intercepts = node.reals("intercepts").orElse(new float[targets]);
        int columns = features.shape[1];
        Refusal.unless(
                targets > 0 && coefficients.length == (long) targets * columns,
                "it has %d coefficients for %d targets of %d features",
                coefficients.length,
                targets,
                columns);
        Refusal.unless(
                intercepts.length == targets,
                "it has %d intercepts for %d targets",
                intercepts.length,
                targets);
        Val weights =
                Matrices.transposed(
                        builder.constant(new int[] {targets, columns}, coefficients), builder);
        Val initial = builder.constant(new int[] {targets}, intercepts);
        return Matrices.product(
                builder, ElementType.FLOAT32, features, weights, false, Optional.of(initial));
    }

    private static void classifier(NodeContext node) {
        Builder builder = node.builder();
        Val features = Features.matrix(node, 0);
        ClassLabels labels = ClassLabels.of(node, "classlabels_ints");
        PostTransform transform = PostTransform.named(node.text("post_transform", "NONE"));
        node.ignoreAttributes("multi_class");
        int targets = node.reals("intercepts").map(each -> each.length).orElse(labels.count());
        Refusal.unless(
                targets == labels.count() || (targets == 1 && labels.count() == 2),
                "it has %d labels for %d targets",
                labels.count(),
                targets);
        Val scores = scores(node, features, targets);
        builder.view(scores);
        if (targets > 1) {
            node.output(0, labels.ofGreatest(builder, scores));
            node.output(1, transform.apply(builder, scores));
            return;
        }
        Refusal.unless(labels.count() == 2, "it has one class alone");
        Val score = Features.column(builder, scores, 0);
        node.output(0, labels.ofSign(builder, score, 0));
        node.output(1, transform.ofPair(builder, score, true));
    }
}
