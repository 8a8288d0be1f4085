package dev.millrace.gpu.lowering;

/** Convolutions, pooling and resizing. */
final class ConvolutionOps {
    private ConvolutionOps() {}

    static void register(Operators operators) {}
}
