package dev.millrace.gpu.lowering;

/** Recurrent networks: their time steps are unrolled. */
final class RecurrentOps {
    private RecurrentOps() {}

    static void register(Operators operators) {}
}
