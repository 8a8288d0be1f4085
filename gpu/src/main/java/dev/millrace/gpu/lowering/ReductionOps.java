package dev.millrace.gpu.lowering;

/** Sums, means, maxima and softmax along dimensions. */
final class ReductionOps {
    private ReductionOps() {}

    static void register(Operators operators) {}
}
