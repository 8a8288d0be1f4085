package dev.millrace.gpu.lowering;

/** Operators that choose elements by index. */
final class IndexingOps {
    private IndexingOps() {}

    static void register(Operators operators) {}
}
