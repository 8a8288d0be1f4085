package dev.millrace.gpu.interpreter;

import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.model.Access;
import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.Exprs;
import dev.millrace.gpu.model.Plan;
import dev.millrace.gpu.model.PlanValue;
import dev.millrace.gpu.model.Step;
import dev.millrace.gpu.model.Tensor;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.IntPredicate;

/**
 * Scores rows by carrying out a plan's steps one after another. Allocates everything when made; a
 * run allocates nothing. One thread at a time.
 */
public final class PlanInterpreter {
    /** Chunks are multiples of this where they can be: whole vectors for any kernel. */
    private static final int ROWS_STEP = 64;

    private final PreparedPlan prepared;
    private final Plan plan;

    /** By value; null for constants, which the prepared plan holds. */
    private final Memory[] memories;

    private final int[] inputIds;
    private final int[] outputIds;
    private final StepRunner[] runners;
    private final int chunkRows;

    /**
     * @param maxRows the most rows of one run; fewer are held at once where rows are large
     */
    public PlanInterpreter(Plan plan, int maxRows) {
        this(plan, maxRows, StepKernels.NONE);
    }

    /**
     * @param maxRows the most rows of one run; fewer are held at once where rows are large
     * @param kernels fast ways to carry out some of the steps
     */
    public PlanInterpreter(Plan plan, int maxRows, StepKernels kernels) {
        this(new PreparedPlan(plan, kernels), maxRows);
    }

    PlanInterpreter(PreparedPlan prepared, int maxRows) {
        this.prepared = prepared;
        this.plan = prepared.plan();
        long elements = 1;
        for (PlanValue value : plan.values()) {
            elements += value.isConstant() ? 0 : value.elements();
        }
        chunkRows =
                (int) Math.max(1, Math.min(maxRows, prepared.kernels().chunkElements() / elements));
        memories = new Memory[plan.values().size()];
        for (PlanValue value : plan.values()) {
            memories[value.id()] = value.isConstant() ? null : new Memory(value, chunkRows);
        }
        inputIds = new int[plan.signature().inputs().size()];
        Arrays.setAll(inputIds, slot -> plan.input(slot).id());
        outputIds = new int[plan.signature().outputs().size()];
        Arrays.setAll(outputIds, slot -> plan.output(slot).id());
        runners = plan.steps().stream().map(this::runner).toArray(StepRunner[]::new);
    }

    private StepRunner runner(Step step) {
        Memory output = memories[step.output().value()];
        Optional<StepRunner> fast = fastRunner(step, output);
        if (fast.isPresent()) {
            return fast.get();
        }
        Memory[] inputs = memories(step, input -> true);
        if (step instanceof Step.Elementwise elementwise) {
            return new ElementwiseRunner(elementwise, inputs, output);
        }
        if (step instanceof Step.Contraction contraction) {
            return new ContractionRunner(contraction, inputs, output);
        }
        if (step instanceof Step.Reduction reduction) {
            return new ReductionRunner(reduction, inputs, output);
        }
        if (step instanceof Step.ArgReduction reduction) {
            return new ArgReductionRunner(reduction, inputs, output);
        }
        if (step instanceof Step.RunningSum sum) {
            return ScanRunners.runningSum(sum, inputs[0], output);
        }
        if (step instanceof Step.TopK topK) {
            Memory positions =
                    topK.positions().map(Access::value).map(id -> memories[id]).orElse(output);
            return ScanRunners.topK(topK, inputs[0], output, positions);
        }
        if (step instanceof Step.TreeEnsemble ensemble) {
            return new TreesRunner(ensemble, inputs[0], output);
        }
        throw new IllegalArgumentException("Unknown step " + step);
    }

    private Optional<StepRunner> fastRunner(Step step, Memory output) {
        StepKernels kernels = prepared.kernels();
        if (output.type != ElementType.FLOAT32) {
            return Optional.empty();
        }
        Optional<StepKernel> whole = kernels.find(plan, step, output.rowStride, chunkRows);
        if (whole.isPresent()) {
            return Optional.of(
                    new KernelRunner(whole.get(), memories(step, input -> false), output));
        }
        if (!(step instanceof Step.Contraction contraction)) {
            return Optional.empty();
        }
        Step.Contraction sums = FinishedKernelRunner.sumsOf(contraction);
        int points = sums.space().stream().reduce(1, Math::multiplyExact);
        IntPredicate finishing =
                input -> Exprs.any(contraction.finish(), part -> loads(part, input));
        return kernels.find(plan, sums, points, chunkRows)
                .map(
                        kernel ->
                                new FinishedKernelRunner(
                                        kernel,
                                        contraction,
                                        memories(step, finishing),
                                        output,
                                        chunkRows));
    }

    private static boolean loads(Expr expr, int input) {
        return (expr instanceof Expr.Load load && load.input() == input)
                || (expr instanceof Expr.LoadAt at && at.input() == input)
                || (expr instanceof Expr.Search search && search.input() == input);
    }

    /** The memory behind a step's inputs: of constants, those that are wanted. */
    private Memory[] memories(Step step, IntPredicate constantIsWanted) {
        Memory[] inputs = new Memory[step.inputs().size()];
        for (int i = 0; i < inputs.length; i++) {
            PlanValue value = plan.value(step.inputs().get(i));
            if (!value.isConstant()) {
                inputs[i] = memories[value.id()];
            } else if (constantIsWanted.test(i)) {
                inputs[i] = prepared.constant(value);
            } else {
                inputs[i] = Memory.withoutElements(value);
            }
        }
        return inputs;
    }

    /**
     * Scores rows {@code firstRow} to {@code firstRow + rows - 1}.
     *
     * @param inputs a buffer per model input, row r at r * rowBytes, native byte order
     * @param outputs a buffer per model output
     * @return as {@link #run(RowBuffers, int, int)}, which allocates less
     */
    public int run(ByteBuffer[] inputs, ByteBuffer[] outputs, int firstRow, int rows) {
        return run(new RowBuffers(inputs, outputs), firstRow, rows);
    }

    /**
     * Scores rows {@code firstRow} to {@code firstRow + rows - 1}.
     *
     * @return the first row at fault, counted from row 0 of the buffers, or -1; all rows that are
     *     not at fault are scored either way
     */
    public int run(RowBuffers buffers, int firstRow, int rows) {
        int fault = Integer.MAX_VALUE;
        int chunk = 0;
        for (int done = 0; done < rows; done += chunk) {
            chunk = nextChunk(rows - done);
            int start = firstRow + done;
            for (int i = 0; i < inputIds.length; i++) {
                memories[inputIds[i]].read(buffers.inputs[i], buffers.floatInputs[i], start, chunk);
            }
            int chunkFault = runSteps(chunk);
            if (chunkFault < chunk) {
                fault = Math.min(fault, start + chunkFault);
            }
            for (int i = 0; i < outputIds.length; i++) {
                memories[outputIds[i]].write(
                        buffers.outputs[i], buffers.floatOutputs[i], start, chunk);
            }
        }
        return fault == Integer.MAX_VALUE ? -1 : fault;
    }

    /** Chunks of about equal size: a short one at the end would waste kernels made for many. */
    private int nextChunk(int rowsLeft) {
        int chunks = (rowsLeft + chunkRows - 1) / chunkRows;
        int even = (rowsLeft + chunks - 1) / chunks;
        int whole = (even + ROWS_STEP - 1) / ROWS_STEP * ROWS_STEP;
        return Math.min(rowsLeft, Math.min(chunkRows, whole));
    }

    private int runSteps(int rows) {
        int fault = Integer.MAX_VALUE;
        for (StepRunner runner : runners) {
            fault = Math.min(fault, runner.run(rows));
        }
        return fault;
    }

    /**
     * The contents of values once all steps ran for one row: for plans without inputs, to fold
     * constants.
     *
     * @throws ArithmeticException if an index is out of range
     */
    public Tensor foldOnce(int valueId) {
        if (runSteps(1) < 1) {
            throw new ArithmeticException("a constant index is out of range");
        }
        PlanValue value = plan.value(valueId);
        Memory memory = value.isConstant() ? prepared.constant(value) : memories[valueId];
        return switch (memory.kind) {
            case F32 -> Tensor.of(value.type(), value.shape(), memory.floats);
            case F64 -> Tensor.of(value.type(), value.shape(), memory.doubles);
            case I64 -> Tensor.of(value.type(), value.shape(), memory.longs);
        };
    }
}
