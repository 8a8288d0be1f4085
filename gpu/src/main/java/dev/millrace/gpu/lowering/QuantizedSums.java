package dev.millrace.gpu.lowering;

import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.model.Exprs;
import dev.millrace.gpu.model.ScalarKind;
import java.util.Optional;

/** Matrix products and convolutions of 8-bit integers: exact sums, then one rounding. */
final class QuantizedSums {
    private QuantizedSums() {}

    static void register(Operators operators) {
        operators.standard("MatMulInteger", QuantizedSums::integerProduct);
        operators.standard("QLinearMatMul", QuantizedSums::quantisedProduct);
        operators.standard("ConvInteger", QuantizedSums::integerConvolution);
        operators.standard("QLinearConv", QuantizedSums::quantisedConvolution);
    }

    private static void integerProduct(NodeContext node) {
        Builder builder = node.builder();
        Val a = node.input(0);
        Val b = node.input(1);
        Optional<Val> zeroOfRows = node.optional(2).map(zero -> ofRows(builder, zero, a));
        Optional<Val> zeroOfColumns = node.optional(3).map(zero -> ofColumns(builder, zero));
        node.output(product(builder, a, zeroOfRows, b, zeroOfColumns));
    }

    private static void quantisedProduct(NodeContext node) {
        Builder builder = node.builder();
        Val a = node.input(0);
        Val b = node.input(3);
        Val sums =
                product(
                        builder,
                        a,
                        Optional.of(ofRows(builder, node.input(2), a)),
                        b,
                        Optional.of(ofColumns(builder, node.input(5))));
        Val zeroPoint = node.input(7);
        node.output(
                Quantized.requantised(
                        builder,
                        sums,
                        ofRows(builder, node.input(1), a),
                        ofColumns(builder, node.input(4)),
                        ofColumns(builder, node.input(6)),
                        ofColumns(builder, zeroPoint),
                        zeroPoint.type));
    }

    private static Val product(
            Builder builder, Val a, Optional<Val> zeroOfA, Val b, Optional<Val> zeroOfB) {
        Quantized.requireByte(a, "a left matrix");
        Quantized.requireByte(b, "a right matrix");
        Val left = Quantized.centred(builder, a, zeroOfA);
        Val right = Quantized.centred(builder, b, zeroOfB);
        return Matrices.product(builder, ElementType.INT32, left, right, true, Optional.empty());
    }

    /** One parameter for all, or a vector with one per row of the left matrix. */
    private static Val ofRows(Builder builder, Val parameter, Val matrix) {
        if (parameter.elements() == 1) {
            return single(builder, parameter);
        }
        return parameter.rank() == 1 && matrix.rank() > 1
                ? Granularity.along(builder, parameter, 2)
                : parameter;
    }

    /** One parameter for all, or one per column, which is how vectors broadcast. */
    private static Val ofColumns(Builder builder, Val parameter) {
        return parameter.elements() == 1 ? single(builder, parameter) : parameter;
    }

    private static Val single(Builder builder, Val parameter) {
        return new Granularity(builder, parameter, -1, 0).spread(parameter);
    }

    private static void integerConvolution(NodeContext node) {
        node.output(convolution(node, 0, 1, node.optional(2), node.optional(3), Optional.empty()));
    }

    private static void quantisedConvolution(NodeContext node) {
        Builder builder = node.builder();
        Optional<Val> bias = node.optional(8);
        Refusal.unless(
                bias.isEmpty() || bias.get().type == ElementType.INT32,
                "a bias of another type than INT32 is not covered");
        Val sums =
                convolution(
                        node, 0, 3, Optional.of(node.input(2)), Optional.of(node.input(5)), bias);
        Val zeroPoint = single(builder, node.input(7));
        node.output(
                Quantized.requantised(
                        builder,
                        sums,
                        single(builder, node.input(1)),
                        ofChannels(builder, node.input(4), sums.rank() - 1),
                        single(builder, node.input(6)),
                        zeroPoint,
                        zeroPoint.type));
    }

    private static Val convolution(
            NodeContext node,
            int image,
            int kernel,
            Optional<Val> zeroOfImage,
            Optional<Val> zeroOfKernel,
            Optional<Val> bias) {
        Builder builder = node.builder();
        Val x = node.input(image);
        Val w = node.input(kernel);
        Quantized.requireByte(x, "an image");
        Quantized.requireByte(w, "a kernel");
        ConvolutionOps.requireImage(x, w);
        Val centred = Quantized.centred(builder, x, zeroOfImage.map(zero -> single(builder, zero)));
        Val kernels =
                Quantized.centred(
                        builder, w, zeroOfKernel.map(zero -> ofChannels(builder, zero, w.rank())));
        Window window = ConvolutionOps.window(node, x, w);
        Val padded = Padding.pad(builder, centred, 2, window.before, window.reach(), Exprs.i64(0));
        Convolution convolution =
                new Convolution(
                        ElementType.INT32,
                        ScalarKind.I64,
                        true,
                        kernels,
                        bias,
                        ConvolutionOps.groups(node));
        return convolution.apply(builder, padded, window);
    }

    /** One parameter for all, or one per output channel. */
    private static Val ofChannels(Builder builder, Val parameter, int rank) {
        return parameter.elements() == 1
                ? single(builder, parameter)
                : Granularity.along(builder, parameter, rank);
    }
}
