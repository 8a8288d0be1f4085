package dev.millrace.gpu.interpreter;

import dev.millrace.gpu.model.Access;
import dev.millrace.gpu.model.BinaryOp;
import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.Exprs;
import dev.millrace.gpu.model.ScalarKind;
import dev.millrace.gpu.model.Step;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Reduces many points side by side: a block of points takes its first terms, then its second ones,
 * and so on, so that every operation is one over the block. The partial results of each point, and
 * their order, are those of {@link Step.Reduction}.
 */
final class ColumnReduction {
    private static final int PARTIALS = 32;

    private final BinaryOp op;
    private final int terms;
    private final Block block;
    private final Program term;
    private final float[][] partials;

    /** Per input the element distance from each term to the next. */
    private final int[][] advances;

    private final Lane result = new Lane(ScalarKind.F32, Block.POINTS);

    private ColumnReduction(Step.Reduction step, BinaryOp op, int terms, Memory[] inputs) {
        this.op = op;
        this.terms = terms;
        int rank = step.space().size();
        List<Access> starts = new ArrayList<>();
        advances = new int[inputs.length][];
        for (int i = 0; i < inputs.length; i++) {
            Access access = step.inputs().get(i);
            starts.add(
                    new Access(access.value(), access.offset(), access.strides().subList(0, rank)));
            advances[i] = advances(step, access, rank);
        }
        block = new Block(step.space(), starts, inputs);
        term = new Program(step.term(), inputs, Block.POINTS);
        partials = new float[Math.min(PARTIALS, terms)][Block.POINTS];
    }

    /** Whether a step's points can be reduced side by side. */
    static boolean fits(Step.Reduction step) {
        int rank = step.space().size();
        return step.kind() == ScalarKind.F32
                && !step.reduced().contains(0)
                && !Exprs.any(
                        step.term(),
                        part ->
                                part instanceof Expr.Guarded guarded
                                        && guarded.dimension() >= rank);
    }

    static ColumnReduction of(Step.Reduction step, BinaryOp op, int terms, Memory[] inputs) {
        return new ColumnReduction(step, op, terms, inputs);
    }

    private int[] advances(Step.Reduction step, Access access, int rank) {
        List<Integer> strides = access.strides().subList(rank, access.strides().size());
        int[] positions = new int[terms];
        new Walk(step.reduced(), new Access(access.value(), 0, strides), 0)
                .fill(0, terms, positions);
        int[] advances = new int[terms];
        for (int k = 1; k < terms; k++) {
            advances[k] = positions[k] - positions[k - 1];
        }
        return advances;
    }

    /** Reduces all points. Returns the first row at fault, or Integer.MAX_VALUE. */
    int run(long points, Finisher finisher) {
        for (long start = 0; start < points; start += Block.POINTS) {
            int count = (int) Math.min(Block.POINTS, points - start);
            block.moveTo(start, count);
            for (int k = 0; k < terms; k++) {
                advance(k);
                take(k, term.evaluate(block).floats, count);
            }
            fold(count);
            System.arraycopy(partials[0], 0, result.floats, 0, count);
            finisher.accept(result, count);
        }
        return block.takeFault();
    }

    private void advance(int k) {
        for (int input = 0; input < advances.length; input++) {
            if (advances[input][k] != 0) {
                block.shift(input, advances[input][k]);
            }
        }
    }

    private void take(int k, float[] values, int count) {
        float[] partial = partials[k & (PARTIALS - 1)];
        if (k < PARTIALS) {
            Arrays.fill(partial, 0, count, identity());
        }
        Scalars.binary(op, partial, values, partial, count);
    }

    private float identity() {
        return switch (op) {
            case ADD -> 0;
            case MUL -> 1;
            case MAX -> Float.NEGATIVE_INFINITY;
            case MIN -> Float.POSITIVE_INFINITY;
            default -> throw new IllegalStateException(op + " reduces nothing");
        };
    }

    /** What is left out are partials that took nothing. */
    private void fold(int count) {
        for (int half = PARTIALS / 2; half > 0; half /= 2) {
            for (int p = 0; p < half && p + half < partials.length; p++) {
                Scalars.binary(op, partials[p], partials[p + half], partials[p], count);
            }
        }
    }
}
