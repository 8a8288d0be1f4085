package dev.millrace.gpu.lowering;

/** Normalisation over batches, layers, groups and channels. */
final class NormalizationOps {
    private NormalizationOps() {}

    static void register(Operators operators) {}
}
