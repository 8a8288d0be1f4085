package dev.millrace.gpu.lowering;

/** Attention and the embedding of positions that goes with it. */
final class AttentionOps {
    private AttentionOps() {}

    static void register(Operators operators) {
        operators.standard("Attention", Attention::lower);
        operators.standard("RotaryEmbedding", RotaryEmbedding::lower);
    }
}
