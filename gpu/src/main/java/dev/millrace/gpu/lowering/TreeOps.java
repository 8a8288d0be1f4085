package dev.millrace.gpu.lowering;

import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.model.Trees;
import java.util.Arrays;
import java.util.Optional;

/** Ensembles of decision trees. */
final class TreeOps {
    private TreeOps() {}

    static void register(Operators operators) {
        operators.machineLearning("TreeEnsembleRegressor", TreeOps::regressor);
        operators.machineLearning("TreeEnsembleClassifier", TreeOps::classifier);
        operators.machineLearning("TreeEnsemble", TreeOps::ensemble);
    }

    private static void regressor(NodeContext node) {
        Val features = Features.matrix(node, 0, ElementType.FLOAT64);
        boolean doubles = features.type == ElementType.FLOAT64;
        Forest forest = ListedTrees.read(node, "target", doubles);
        int targets = Math.toIntExact(node.integer("n_targets", 1));
        Trees.Aggregate aggregate = aggregate(node.text("aggregate_function", "SUM"));
        PostTransform transform = PostTransform.named(node.text("post_transform", "NONE"));
        double[] given = ListedTrees.numbers(node, "base_values").orElse(new double[0]);
        Refusal.unless(
                given.length == 0 || given.length == targets,
                "it has %d base values for %d targets",
                given.length,
                targets);
        double[] bases = Arrays.copyOf(given, targets);
        Trees trees = trees(features, forest, targets, aggregate, bases);
        Val scores = Features.scores(node, features, trees, ElementType.FLOAT32);
        node.output(transform.ofTargets(node.builder(), scores));
    }

    private static Trees.Aggregate aggregate(String name) {
        return switch (name) {
            case "SUM" -> Trees.Aggregate.SUM;
            case "AVERAGE" -> Trees.Aggregate.AVERAGE;
            case "MIN" -> Trees.Aggregate.MINIMUM;
            case "MAX" -> Trees.Aggregate.MAXIMUM;
            default -> throw new Refusal("aggregate_function '%s' is not covered".formatted(name));
        };
    }

    private static Trees trees(
            Val features, Forest forest, int targets, Trees.Aggregate aggregate, double[] bases) {
        forest.check(features.shape[1], targets);
        for (double base : bases) {
            Refusal.unless(Double.isFinite(base), "a base value is %s", base);
        }
        return new Trees(
                features.shape[1],
                targets,
                features.type == ElementType.FLOAT64,
                aggregate,
                forest.roots(),
                forest.nodes(),
                bases);
    }

    private static void ensemble(NodeContext node) {
        Val given = node.input(0);
        Val features = Features.matrix(node, 0, ElementType.FLOAT64);
        boolean doubles = features.type == ElementType.FLOAT64;
        int targets = Math.toIntExact(node.integer("n_targets", 1));
        Trees.Aggregate aggregate =
                switch ((int) node.integer("aggregate_function", 1)) {
                    case 0 -> Trees.Aggregate.AVERAGE;
                    case 1 -> Trees.Aggregate.SUM;
                    case 2 -> Trees.Aggregate.MINIMUM;
                    case 3 -> Trees.Aggregate.MAXIMUM;
                    default -> throw new Refusal("its aggregate_function is none");
                };
        PostTransform transform = PostTransform.numbered(node.integer("post_transform", 0));
        Forest forest = LinkedTrees.read(node, doubles);
        Trees trees = trees(features, forest, targets, aggregate, new double[targets]);
        ElementType type = doubles ? ElementType.FLOAT64 : ElementType.FLOAT32;
        Val scores = Features.scores(node, features, trees, type);
        Val transformed = transform.ofTargets(node.builder(), scores);
        Refusal.unless(given.isFloat(), "%s are no features", given);
        node.output(Features.as(node.builder(), given.type, transformed));
    }

    private static void classifier(NodeContext node) {
        Val features = Features.matrix(node, 0, ElementType.FLOAT64);
        Forest forest = ListedTrees.read(node, "class", features.type == ElementType.FLOAT64);
        ClassLabels labels = ClassLabels.of(node, "classlabels_int64s");
        PostTransform transform = PostTransform.named(node.text("post_transform", "NONE"));
        double[] bases = ListedTrees.numbers(node, "base_values").orElse(new double[0]);
        int classes = labels.count();
        Refusal.unless(
                bases.length <= classes,
                "it has %d base values for %d classes",
                bases.length,
                classes);
        Refusal.unless(classes > 1, "it has one class alone");
        if (classes == 2) {
            BinaryTrees.lower(node, features, forest, labels, transform, bases);
        } else {
            multiClass(node, features, forest, labels, transform, bases);
        }
    }

    private static void multiClass(
            NodeContext node,
            Val features,
            Forest forest,
            ClassLabels labels,
            PostTransform transform,
            double[] bases) {
        Builder builder = node.builder();
        int classes = labels.count();
        boolean[] always = forest.spoken(classes, true);
        Arrays.fill(always, 0, bases.length, true);
        boolean silent = false;
        for (boolean speaks : always) {
            silent |= !speaks;
        }
        // A class that no leaf spoke for is not among those to choose from.
        int targets = silent ? 2 * classes : classes;
        Forest counting = silent ? forest.withCounts(classes) : forest;
        double[] all = Arrays.copyOf(bases, targets);
        for (int base = 0; silent && base < bases.length; base++) {
            all[classes + base] = 1;
        }
        Trees trees = trees(features, counting, targets, Trees.Aggregate.SUM, all);
        Val raw = Features.scores(node, features, trees, ElementType.FLOAT32);
        Val scores = silent ? Features.columns(builder, raw, 0, classes) : raw;
        Optional<Val> counts =
                silent
                        ? Optional.of(Features.columns(builder, raw, classes, targets))
                        : Optional.empty();
        node.output(0, labels.ofGreatest(builder, scores, counts));
        node.output(1, transform.apply(builder, scores));
    }

    /** Two classes, of which often only one has weights. */
    private static final class BinaryTrees {
        private BinaryTrees() {}

        static void lower(
                NodeContext node,
                Val features,
                Forest forest,
                ClassLabels labels,
                PostTransform transform,
                double[] bases) {
            Builder builder = node.builder();
            boolean[] ever = forest.spoken(2, false);
            boolean positive =
                    forest.nodes().stream()
                            .flatMap(each -> each.weights().stream())
                            .allMatch(weight -> weight.weight() >= 0);
            boolean oneSet = ever[0] != ever[1];
            double bound = oneSet && positive ? 0.5 : 0;
            Refusal.unless(
                    bases.length < 2 || !ever[1],
                    "two base values for two classes that both have weights mean different things to different engines");
            double[] both = {ever[0] && bases.length > 0 ? bases[0] : 0, 0};
            Trees trees = trees(features, forest, 2, Trees.Aggregate.SUM, both);
            Val raw = Features.scores(node, features, trees, ElementType.FLOAT32);
            Val first = Features.column(builder, raw, 0);
            Val second = Features.column(builder, raw, 1);
            if (ever[1] || bases.length == 2) {
                node.output(0, labels.ofSign(builder, ever[1] ? second : first, bound));
                node.output(1, transform.apply(builder, raw));
                return;
            }
            node.output(0, labels.ofSign(builder, first, bound));
            node.output(1, transform.ofPair(builder, first, positive));
        }
    }
}
