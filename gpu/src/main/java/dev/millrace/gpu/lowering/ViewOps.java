package dev.millrace.gpu.lowering;

/** Operators that move elements without computing. */
final class ViewOps {
    private ViewOps() {}

    static void register(Operators operators) {}
}
