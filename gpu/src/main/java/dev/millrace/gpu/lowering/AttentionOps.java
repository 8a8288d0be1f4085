package dev.millrace.gpu.lowering;

/** Attention and its relatives. */
final class AttentionOps {
    private AttentionOps() {}

    static void register(Operators operators) {}
}
