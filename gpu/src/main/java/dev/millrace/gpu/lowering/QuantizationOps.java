package dev.millrace.gpu.lowering;

/** Quantised arithmetic. */
final class QuantizationOps {
    private QuantizationOps() {}

    static void register(Operators operators) {}
}
