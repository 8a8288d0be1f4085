package dev.millrace.gpu.interpreter;

import dev.millrace.gpu.model.Access;
import dev.millrace.gpu.model.ScalarKind;
import dev.millrace.gpu.model.Step;
import java.util.ArrayList;
import java.util.List;

/** Runs {@link Step.Contraction}: runs of outputs along the last dimension, k outside. */
final class ContractionRunner implements StepRunner {
    private final ScalarKind kind;
    private final Block block;
    private final Program initial;
    private final Finisher finisher;
    private final Memory left;
    private final Memory right;
    private final int[] leftSteps;
    private final int[] rightSteps;
    private final int leftStride;
    private final int rightStride;
    private final int run;
    private final Lane sums;

    ContractionRunner(Step.Contraction step, Memory[] inputs, Memory target) {
        kind = step.kind();
        left = inputs[0];
        right = inputs[1];
        block = new Block(step.space(), step.inputs(), inputs);
        initial = new Program(step.initial(), inputs, Block.POINTS);
        finisher =
                new Finisher(
                        step.kind(),
                        step.space(),
                        step.inputs(),
                        inputs,
                        step.finish(),
                        step.output(),
                        target);
        leftSteps = steps(step, step.inputs().get(0));
        rightSteps = steps(step, step.inputs().get(1));
        int last = step.space().size() - 1;
        run = last < 0 ? 1 : step.space().get(last);
        leftStride = last < 0 ? 0 : step.inputs().get(0).strides().get(last);
        rightStride = last < 0 ? 0 : step.inputs().get(1).strides().get(last);
        sums = new Lane(kind, Block.POINTS);
    }

    /** Element distances from the first k to every k. */
    private static int[] steps(Step.Contraction step, Access access) {
        int count = step.reduced().stream().reduce(1, Math::multiplyExact);
        List<Integer> strides =
                new ArrayList<>(
                        access.strides().subList(step.space().size(), access.strides().size()));
        int[] steps = new int[count];
        new Walk(step.reduced(), new Access(access.value(), 0, strides), 0).fill(0, count, steps);
        return steps;
    }

    @Override
    public int run(int rows) {
        finisher.begin();
        long points = (long) rows * block.pointsPerRow();
        long start = 0;
        while (start < points) {
            int toRunEnd = run - (int) (start % run);
            int count = Math.min(Block.POINTS, toRunEnd);
            block.moveTo(start, count);
            accumulate(initial.evaluate(block), count);
            start += count;
        }
        return Math.min(block.takeFault(), finisher.end());
    }

    private void accumulate(Lane from, int count) {
        int leftBase = block.position(0);
        int rightBase = block.position(1);
        switch (kind) {
            case F32 -> {
                System.arraycopy(from.floats, 0, sums.floats, 0, count);
                floats(leftBase, rightBase, count);
            }
            case F64 -> {
                System.arraycopy(from.doubles, 0, sums.doubles, 0, count);
                doubles(leftBase, rightBase, count);
            }
            case I64 -> {
                System.arraycopy(from.longs, 0, sums.longs, 0, count);
                longs(leftBase, rightBase, count);
            }
        }
        finisher.accept(sums, count);
    }

    private void floats(int leftBase, int rightBase, int count) {
        float[] a = left.floats;
        float[] b = right.floats;
        float[] sum = sums.floats;
        for (int k = 0; k < leftSteps.length; k++) {
            int l = leftBase + leftSteps[k];
            int r = rightBase + rightSteps[k];
            if (leftStride == 0 && rightStride == 1) {
                float factor = a[l];
                for (int i = 0; i < count; i++) {
                    sum[i] = Math.fma(factor, b[r + i], sum[i]);
                }
            } else if (leftStride == 1 && rightStride == 0) {
                float factor = b[r];
                for (int i = 0; i < count; i++) {
                    sum[i] = Math.fma(a[l + i], factor, sum[i]);
                }
            } else {
                for (int i = 0; i < count; i++) {
                    sum[i] = Math.fma(a[l + i * leftStride], b[r + i * rightStride], sum[i]);
                }
            }
        }
    }

    private void doubles(int leftBase, int rightBase, int count) {
        for (int k = 0; k < leftSteps.length; k++) {
            int l = leftBase + leftSteps[k];
            int r = rightBase + rightSteps[k];
            for (int i = 0; i < count; i++) {
                sums.doubles[i] =
                        Math.fma(
                                left.doubles[l + i * leftStride],
                                right.doubles[r + i * rightStride],
                                sums.doubles[i]);
            }
        }
    }

    private void longs(int leftBase, int rightBase, int count) {
        for (int k = 0; k < leftSteps.length; k++) {
            int l = leftBase + leftSteps[k];
            int r = rightBase + rightSteps[k];
            for (int i = 0; i < count; i++) {
                sums.longs[i] += left.longs[l + i * leftStride] * right.longs[r + i * rightStride];
            }
        }
    }
}
