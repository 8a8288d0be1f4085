package dev.millrace.gpu.interpreter;

/** Runs a step by its fast kernel. */
final class KernelRunner implements StepRunner {
    private final StepKernel kernel;
    private final float[][] inputs;
    private final float[] output;

    KernelRunner(StepKernel kernel, Memory[] inputs, Memory output) {
        this.kernel = kernel;
        this.inputs = floats(inputs);
        this.output = output.floats;
    }

    static float[][] floats(Memory[] memories) {
        float[][] floats = new float[memories.length][];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = memories[i].floats;
        }
        return floats;
    }

    @Override
    public int run(int rows) {
        kernel.run(inputs, output, rows);
        return Integer.MAX_VALUE;
    }
}
