package dev.millrace.gpu.interpreter;

import dev.millrace.gpu.model.ScalarKind;
import dev.millrace.gpu.model.Step;
import java.util.ArrayList;
import java.util.List;

/** Runs {@link Step.ArgReduction}. */
final class ArgReductionRunner implements StepRunner {
    private final Step.ArgReduction step;
    private final int terms;
    private final Block termBlock;
    private final Program term;
    private final Finisher finisher;
    private final Lane best;
    private final Lane position = new Lane(ScalarKind.I64, 1);

    ArgReductionRunner(Step.ArgReduction step, Memory[] inputs, Memory target) {
        this.step = step;
        List<Integer> whole = new ArrayList<>(step.space());
        whole.addAll(step.reduced());
        termBlock = new Block(whole, step.inputs(), inputs);
        term = new Program(step.term(), inputs, Block.POINTS);
        finisher =
                new Finisher(
                        ScalarKind.I64,
                        step.space(),
                        step.inputs(),
                        inputs,
                        step.finish(),
                        step.output(),
                        target);
        terms = step.reduced().stream().reduce(1, Math::multiplyExact);
        best = new Lane(step.term().kind(), 1);
    }

    @Override
    public int run(int rows) {
        finisher.begin();
        long points = (long) rows * termBlock.pointsPerRow();
        int k = 0;
        for (long start = 0; start < points; start += Block.POINTS) {
            termBlock.moveTo(start, (int) Math.min(Block.POINTS, points - start));
            Lane values = term.evaluate(termBlock);
            for (int i = 0; i < termBlock.count; i++) {
                if (k == 0 || beats(values, i)) {
                    position.longs[0] = k;
                    copy(values, i);
                }
                if (++k == terms) {
                    finisher.accept(position);
                    k = 0;
                }
            }
        }
        return Math.min(termBlock.takeFault(), finisher.end());
    }

    private boolean beats(Lane values, int i) {
        return switch (best.kind) {
            case F32 -> beats(values.floats[i], best.floats[0]);
            case F64 -> beats(values.doubles[i], best.doubles[0]);
            case I64 -> {
                int order = Long.compare(values.longs[i], best.longs[0]);
                yield (step.maximum() ? order > 0 : order < 0) || (step.last() && order == 0);
            }
        };
    }

    private boolean beats(double candidate, double champion) {
        return (step.maximum() ? candidate > champion : candidate < champion)
                || (step.last() && candidate == champion);
    }

    private void copy(Lane values, int i) {
        switch (best.kind) {
            case F32 -> best.floats[0] = values.floats[i];
            case F64 -> best.doubles[0] = values.doubles[i];
            case I64 -> best.longs[0] = values.longs[i];
        }
    }
}
