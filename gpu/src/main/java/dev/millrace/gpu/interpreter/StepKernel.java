package dev.millrace.gpu.interpreter;

/**
 * A fast way to carry out one step, to the same bits. Allocates nothing when run. One thread at a
 * time.
 */
public interface StepKernel {
    /**
     * Carries out the step for rows 0 to {@code rows - 1} of a chunk.
     *
     * @param inputs the elements behind each of the step's inputs, row r at {@code r * elements()};
     *     of a constant, nothing: a kernel takes those from the plan when it is made
     * @param output the elements of the output, row r at {@code r * outputRowElements}
     */
    void run(float[][] inputs, float[] output, int rows);
}
