package dev.millrace.gpu.interpreter;

import dev.millrace.gpu.model.BinaryOp;
import dev.millrace.gpu.model.ScalarKind;
import dev.millrace.gpu.model.Step;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Runs {@link Step.Reduction}: one pass over all terms, finishing points as they complete. */
final class ReductionRunner implements StepRunner {
    private static final int PARTIALS = 32;

    /** Fewer points are reduced one after another. */
    private static final int FEWEST_COLUMNS = 16;

    private final Step.Reduction step;
    private final BinaryOp op;
    private final int terms;
    private final Block termBlock;
    private final Program term;
    private final Finisher finisher;
    private final Lane partials;
    private final Lane single;
    private final Optional<ColumnReduction> columns;
    private int nextPartial;

    ReductionRunner(Step.Reduction step, Memory[] inputs, Memory target) {
        this.step = step;
        List<Integer> whole = new ArrayList<>(step.space());
        whole.addAll(step.reduced());
        termBlock = new Block(whole, step.inputs(), inputs);
        term = new Program(step.term(), inputs, Block.POINTS);
        finisher =
                new Finisher(
                        step.kind(),
                        step.space(),
                        step.inputs(),
                        inputs,
                        step.finish(),
                        step.output(),
                        target);
        terms = step.reduced().stream().reduce(1, Math::multiplyExact);
        op =
                switch (step.combine()) {
                    case SUM -> BinaryOp.ADD;
                    case PRODUCT -> BinaryOp.MUL;
                    case MAX -> BinaryOp.MAX;
                    case MIN -> BinaryOp.MIN;
                };
        partials = new Lane(step.kind(), PARTIALS);
        single = new Lane(step.kind(), 1);
        columns =
                ColumnReduction.fits(step)
                        ? Optional.of(ColumnReduction.of(step, op, terms, inputs))
                        : Optional.empty();
    }

    @Override
    public int run(int rows) {
        finisher.begin();
        long results = (long) rows * finisher.pointsPerRow();
        if (columns.isPresent() && results >= FEWEST_COLUMNS) {
            return Math.min(columns.get().run(results, finisher), finisher.end());
        }
        clear();
        if (terms == 0) {
            for (long i = 0; i < results; i++) {
                finish();
            }
        } else {
            accumulate((long) rows * termBlock.pointsPerRow());
        }
        return Math.min(termBlock.takeFault(), finisher.end());
    }

    private void accumulate(long points) {
        int taken = 0;
        for (long start = 0; start < points; start += Block.POINTS) {
            termBlock.moveTo(start, (int) Math.min(Block.POINTS, points - start));
            Lane values = term.evaluate(termBlock);
            for (int i = 0; i < termBlock.count; i++) {
                combine(nextPartial, values, i);
                nextPartial = (nextPartial + 1) & (PARTIALS - 1);
                if (++taken == terms) {
                    finish();
                    taken = 0;
                }
            }
        }
    }

    private void finish() {
        for (int half = PARTIALS / 2; half > 0; half /= 2) {
            for (int p = 0; p < half; p++) {
                combine(p, partials, p + half);
            }
        }
        switch (step.kind()) {
            case F32 -> single.floats[0] = partials.floats[0];
            case F64 -> single.doubles[0] = partials.doubles[0];
            case I64 -> single.longs[0] = partials.longs[0];
        }
        finisher.accept(single);
        clear();
    }

    private void combine(int into, Lane values, int index) {
        switch (step.kind()) {
            case F32 ->
                    partials.floats[into] =
                            Scalars.binary(op, partials.floats[into], values.floats[index]);
            case F64 ->
                    partials.doubles[into] =
                            Scalars.binary(op, partials.doubles[into], values.doubles[index]);
            case I64 ->
                    partials.longs[into] =
                            Scalars.binary(op, partials.longs[into], values.longs[index]);
        }
    }

    private void clear() {
        nextPartial = 0;
        double identity =
                switch (step.combine()) {
                    case SUM -> 0;
                    case PRODUCT -> 1;
                    case MAX -> Double.NEGATIVE_INFINITY;
                    case MIN -> Double.POSITIVE_INFINITY;
                };
        if (step.kind() == ScalarKind.I64) {
            Arrays.fill(partials.longs, (long) identity);
        } else {
            Arrays.fill(partials.floats, (float) identity);
            Arrays.fill(partials.doubles, identity);
        }
    }
}
