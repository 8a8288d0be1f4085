package dev.millrace.gpu.interpreter;

import dev.millrace.gpu.model.Access;
import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.ScalarKind;
import dev.millrace.gpu.model.Step;
import java.util.ArrayList;
import java.util.List;

/** Runs a contraction: its sums by a fast kernel, its finish by the general evaluator. */
final class FinishedKernelRunner implements StepRunner {
    private final StepKernel kernel;
    private final float[][] inputs;
    private final Lane sums;
    private final Finisher finisher;

    /**
     * @param kernel for the step that {@link #sumsOf} gives
     */
    FinishedKernelRunner(
            StepKernel kernel, Step.Contraction step, Memory[] inputs, Memory target, int maxRows) {
        this.kernel = kernel;
        this.inputs = KernelRunner.floats(inputs);
        this.finisher =
                new Finisher(
                        step.kind(),
                        step.space(),
                        step.inputs(),
                        inputs,
                        step.finish(),
                        step.output(),
                        target);
        this.sums = new Lane(ScalarKind.F32, Math.multiplyExact(maxRows, finisher.pointsPerRow()));
    }

    /** The step without its finish, its points side by side. */
    static Step.Contraction sumsOf(Step.Contraction step) {
        List<Integer> strides = new ArrayList<>();
        int stride = 1;
        for (int dimension = step.space().size() - 1; dimension >= 0; dimension--) {
            strides.add(0, stride);
            stride *= step.space().get(dimension);
        }
        return new Step.Contraction(
                step.origin(),
                step.kind(),
                step.space(),
                step.reduced(),
                step.smallIntegers(),
                step.inputs(),
                step.initial(),
                new Expr.Accumulated(step.kind()),
                new Access(step.output().value(), 0, strides));
    }

    @Override
    public int run(int rows) {
        kernel.run(inputs, sums.floats, rows);
        finisher.begin();
        finisher.accept(sums, rows * finisher.pointsPerRow());
        return finisher.end();
    }
}
