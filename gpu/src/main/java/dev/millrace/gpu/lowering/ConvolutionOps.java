package dev.millrace.gpu.lowering;

import java.util.Arrays;
import java.util.Optional;

/** Convolutions of floating point numbers, forward and transposed. */
final class ConvolutionOps {
    private ConvolutionOps() {}

    static void register(Operators operators) {
        operators.standard("Conv", ConvolutionOps::convolve);
        operators.standard("ConvTranspose", TransposedConvolution::lower);
        PoolingOps.register(operators);
        ResizeOps.register(operators);
        LossOps.register(operators);
    }

    private static void convolve(NodeContext node) {
        Val x = node.input(0);
        Val weights = node.input(1);
        requireImage(x, weights);
        Window window = window(node, x, weights);
        Convolution convolution = Convolution.of(x, weights, node.optional(2), groups(node));
        Val padded =
                Padding.pad(
                        node.builder(),
                        x,
                        2,
                        window.before,
                        window.reach(),
                        Terms.literal(x.kind(), 0));
        node.output(convolution.apply(node.builder(), padded, window));
    }

    static int groups(NodeContext node) {
        return Math.toIntExact(node.integer("group", 1));
    }

    static void requireImage(Val x, Val weights) {
        Refusal.unless(
                x.rank() >= 3 && weights.rank() == x.rank(),
                "an input of %d and a kernel of %d dimensions make no convolution",
                x.rank(),
                weights.rank());
    }

    /** The window that a convolution's attributes and kernel describe. */
    static Window window(NodeContext node, Val x, Val weights) {
        int[] kernel = Arrays.copyOfRange(weights.shape, 2, weights.rank());
        Optional<int[]> declared = Window.integers(node, "kernel_shape");
        Refusal.unless(
                declared.isEmpty() || Arrays.equals(declared.get(), kernel),
                "kernel_shape is not the shape of the kernel");
        return Window.of(node, Arrays.copyOfRange(x.shape, 2, x.rank()), kernel, false);
    }
}
