package dev.millrace.gpu.testing;

import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.model.Access;
import dev.millrace.gpu.model.BinaryOp;
import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.Exprs;
import dev.millrace.gpu.model.Plan;
import dev.millrace.gpu.model.ScalarKind;
import dev.millrace.gpu.model.Step;
import dev.millrace.gpu.model.Trees;
import dev.millrace.gpu.model.UnaryOp;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Plans of the models that streaming users have, with random weights. */
public final class TestPlans {
    /** The ways a branch can compare that have an order. */
    private static final List<Trees.Mode> ORDERS =
            List.of(
                    Trees.Mode.LESS_OR_EQUAL,
                    Trees.Mode.LESS,
                    Trees.Mode.GREATER,
                    Trees.Mode.GREATER_OR_EQUAL);

    private TestPlans() {}

    /** max(sum, +0). */
    public static Expr relu() {
        return new Expr.Binary(BinaryOp.MAX, PlanBuilder.SUM, Exprs.f32(0));
    }

    /** A multilayer perceptron with ReLU between its layers and a sigmoid at its end. */
    public static Plan mlp(Random random, int... sizes) {
        PlanBuilder plan = new PlanBuilder();
        int value = plan.input(sizes[0]);
        for (int layer = 1; layer < sizes.length; layer++) {
            boolean last = layer == sizes.length - 1;
            int inputs = sizes[layer - 1];
            int outputs = sizes[layer];
            int next = last ? plan.output(outputs) : plan.intermediate(outputs);
            Expr finish = last ? new Expr.Unary(UnaryOp.SIGMOID, PlanBuilder.SUM) : relu();
            float[] weights = gaussian(random, inputs * outputs, 1 / Math.sqrt(inputs));
            plan.dense(
                    value, next, inputs, outputs, weights, gaussian(random, outputs, 0.1), finish);
            value = next;
        }
        return plan.build();
    }

    /** A row of a table, chosen by an int64 input, beside unused features. */
    public static Plan embedding(Random random, int items, int width, int features) {
        PlanBuilder plan = new PlanBuilder();
        int item = plan.input("item", ElementType.INT64, 1);
        plan.input(features);
        int scores = plan.output(width);
        int table = plan.constant(gaussian(random, items * width, 1));
        Expr row = new Expr.CheckedIndex(new Expr.Load(0, ScalarKind.I64), items);
        Expr offset = new Expr.Binary(BinaryOp.MUL, row, Exprs.i64(width));
        return plan.step(
                        new Step.Elementwise(
                                "Gather",
                                List.of(width),
                                List.of(
                                        new Access(item, 0, List.of(0)),
                                        new Access(table, 0, List.of(1))),
                                new Expr.LoadAt(1, offset, ScalarKind.F32),
                                new Access(scores, 0, List.of(1))))
                .build();
    }

    /** Complete binary trees, branches of one mode. */
    public static Plan trees(Random random, int features, int trees, int depth, int targets) {
        return ensemble(
                random, features, trees, depth, targets, Trees.Aggregate.SUM, ORDERS.subList(0, 1));
    }

    /** Trees of any shape, with every ordered mode. */
    public static Plan raggedTrees(
            Random random,
            int features,
            int trees,
            int depth,
            int targets,
            Trees.Aggregate aggregate) {
        return ensemble(random, features, trees, -depth, targets, aggregate, ORDERS);
    }

    /**
     * @param depth of every tree; negative: the greatest depth, where branches may end early
     */
    private static Plan ensemble(
            Random random,
            int features,
            int trees,
            int depth,
            int targets,
            Trees.Aggregate aggregate,
            List<Trees.Mode> modes) {
        List<Trees.Node> nodes = new ArrayList<>();
        int[] roots = new int[trees];
        for (int tree = 0; tree < trees; tree++) {
            roots[tree] = nodes.size();
            grow(random, nodes, features, Math.abs(depth), depth < 0, targets, modes);
        }
        double[] bases = random.doubles(targets).toArray();
        PlanBuilder plan = new PlanBuilder();
        int x = plan.input(features);
        int y = plan.output(targets);
        return plan.step(
                        new Step.TreeEnsemble(
                                "TreeEnsembleRegressor",
                                new Trees(features, targets, false, aggregate, roots, nodes, bases),
                                new Access(x, 0, List.of(1)),
                                new Access(y, 0, List.of(1))))
                .build();
    }

    private static void grow(
            Random random,
            List<Trees.Node> nodes,
            int features,
            int depth,
            boolean ragged,
            int targets,
            List<Trees.Mode> modes) {
        int at = nodes.size();
        nodes.add(null);
        if (depth == 0 || (ragged && random.nextInt(4) == 0)) {
            nodes.set(at, leaf(random, targets, ragged));
            return;
        }
        int whenTrue = nodes.size();
        grow(random, nodes, features, depth - 1, ragged, targets, modes);
        int whenFalse = nodes.size();
        grow(random, nodes, features, depth - 1, ragged, targets, modes);
        Trees.Mode mode = modes.get(random.nextInt(modes.size()));
        float threshold = ragged ? Adversary.threshold(random) : (float) random.nextGaussian();
        nodes.set(
                at,
                new Trees.Node(
                        mode,
                        random.nextInt(features),
                        threshold,
                        List.of(),
                        whenTrue,
                        whenFalse,
                        random.nextBoolean(),
                        List.of()));
    }

    private static Trees.Node leaf(Random random, int targets, boolean ragged) {
        List<Trees.LeafWeight> weights = new ArrayList<>();
        int count = ragged ? random.nextInt(3) : 1;
        for (int i = 0; i < count; i++) {
            weights.add(new Trees.LeafWeight(random.nextInt(targets), random.nextGaussian()));
        }
        return new Trees.Node(Trees.Mode.LEAF, 0, 0, List.of(), 0, 0, false, weights);
    }

    /** Random floats of a normal distribution. */
    public static float[] gaussian(Random random, int count, double deviation) {
        float[] floats = new float[count];
        for (int i = 0; i < count; i++) {
            floats[i] = (float) (random.nextGaussian() * deviation);
        }
        return floats;
    }
}
