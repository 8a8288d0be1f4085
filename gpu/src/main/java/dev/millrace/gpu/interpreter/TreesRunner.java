package dev.millrace.gpu.interpreter;

import dev.millrace.gpu.model.ScalarKind;
import dev.millrace.gpu.model.Step;
import dev.millrace.gpu.model.Trees;

/** Runs {@link Step.TreeEnsemble}. */
final class TreesRunner implements StepRunner {
    private final Step.TreeEnsemble step;
    private final Trees trees;
    private final Memory input;
    private final Memory output;
    private final long[] totals;
    private final boolean[] spoken;

    TreesRunner(Step.TreeEnsemble step, Memory input, Memory output) {
        this.step = step;
        this.trees = step.trees();
        this.input = input;
        this.output = output;
        totals = new long[trees.targets()];
        spoken = new boolean[trees.targets()];
    }

    @Override
    public int run(int rows) {
        for (int row = 0; row < rows; row++) {
            java.util.Arrays.fill(totals, 0);
            java.util.Arrays.fill(spoken, false);
            int features = row * input.rowStride + step.input().offset();
            for (int tree = 0; tree < trees.trees(); tree++) {
                add(leaf(trees.root(tree), features));
            }
            store(row);
        }
        return Integer.MAX_VALUE;
    }

    private int leaf(int root, int features) {
        int node = root;
        int stride = step.input().strides().get(0);
        while (trees.mode(node) != Trees.Mode.LEAF) {
            int position = features + trees.feature(node) * stride;
            double value =
                    input.kind == ScalarKind.F64 ? input.doubles[position] : input.floats[position];
            node = holds(node, value) ? trees.trueChild(node) : trees.falseChild(node);
        }
        return node;
    }

    private boolean holds(int node, double value) {
        boolean comparison =
                switch (trees.mode(node)) {
                    case LESS_OR_EQUAL -> value <= trees.threshold(node);
                    case LESS -> value < trees.threshold(node);
                    case GREATER_OR_EQUAL -> value >= trees.threshold(node);
                    case GREATER -> value > trees.threshold(node);
                    case EQUAL -> value == trees.threshold(node);
                    case NOT_EQUAL -> value != trees.threshold(node);
                    case MEMBER -> trees.isMember(node, value);
                    case LEAF -> throw new IllegalStateException("Node " + node + " is a leaf");
                };
        return comparison || (Double.isNaN(value) && trees.missingTrue(node));
    }

    private void add(int leaf) {
        for (int w = trees.weightStart(leaf); w < trees.weightStart(leaf + 1); w++) {
            int target = trees.weightTarget(w);
            long weight = trees.weight(w);
            totals[target] =
                    switch (trees.aggregate()) {
                        case SUM, AVERAGE -> totals[target] + weight;
                        case MINIMUM -> spoken[target] ? Math.min(totals[target], weight) : weight;
                        case MAXIMUM -> spoken[target] ? Math.max(totals[target], weight) : weight;
                    };
            spoken[target] = true;
        }
    }

    private void store(int row) {
        double scale = trees.scale();
        int stride = step.output().strides().get(0);
        for (int target = 0; target < totals.length; target++) {
            double score;
            if (trees.aggregate() == Trees.Aggregate.AVERAGE) {
                score = (double) totals[target] * scale / trees.trees();
                score += (double) trees.base(target) * scale;
            } else {
                score = (double) (totals[target] + trees.base(target)) * scale;
            }
            int position = row * output.rowStride + step.output().offset() + target * stride;
            if (output.kind == ScalarKind.F64) {
                output.doubles[position] = score;
            } else {
                output.store(position, (float) score);
            }
        }
    }
}
