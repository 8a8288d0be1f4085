package dev.millrace.gpu.interpreter;

import dev.millrace.gpu.model.Plan;
import dev.millrace.gpu.model.Step;
import java.util.Optional;

/**
 * Knows fast kernels for some steps of one plan; the interpreter carries out the others itself.
 * Kernels found for the same step may share what they never write, packed weights above all. Any
 * thread may ask.
 */
@FunctionalInterface
public interface StepKernels {
    /** Knows none. */
    StepKernels NONE = (plan, step, outputRowElements, maxRows) -> Optional.empty();

    /**
     * A kernel for a step whose output is float32.
     *
     * @param outputRowElements elements from one row of the output's memory to the next, which need
     *     not be those of the value that the step's output names
     * @param maxRows the most rows of one run
     */
    Optional<StepKernel> find(Plan plan, Step step, int outputRowElements, int maxRows);

    /**
     * How many elements of the plan's values should be held at once: a chunk of rows and what
     * becomes of them. From {@code bench/run engine} on 784-32-32-10: plain loops want long chunks
     * (2 MiB), a tile of registers wants the chunk beside its weights in the second-level cache.
     */
    default int chunkElements() {
        return 512 << 10;
    }
}
