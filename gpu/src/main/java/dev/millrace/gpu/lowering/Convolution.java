package dev.millrace.gpu.lowering;

import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.model.ScalarKind;
import java.util.Optional;

/**
 * Sums of products over windows: the input padded by an elementwise step, then one contraction over
 * input channel and kernel position.
 *
 * @param type of the result
 * @param kind of the sums, and of both factors
 * @param smallIntegers whether every factor fits in 9 signed bits
 * @param weights [outputs, channels / groups, kernel...]
 * @param bias one element per output channel
 */
record Convolution(
        ElementType type,
        ScalarKind kind,
        boolean smallIntegers,
        Val weights,
        Optional<Val> bias,
        int groups) {

    Convolution {
        Rows.absent(weights, "the kernel");
        bias.ifPresent(each -> Rows.absent(each, "the bias"));
        int outputs = weights.shape[0];
        Refusal.unless(
                bias.isEmpty() || (bias.get().rank() == 1 && bias.get().elements() == outputs),
                "the bias does not have one element for each of %d output channels",
                outputs);
    }

    /** A floating point convolution. */
    static Convolution of(Val x, Val weights, Optional<Val> bias, int groups) {
        return new Convolution(x.type, x.kind(), false, weights, bias, groups);
    }

    /** The sums at every place of a window that lies within the (padded) input. */
    Val apply(Builder builder, Val padded, Window window) {
        checkChannels(padded.shape[1]);
        Rows.spared(padded, Shapes.range(1, padded.rank()));
        int outputs = weights.shape[0];
        SumOfProducts sums = sums(builder, padded, window);
        Val result = builder.defer(type, sums.shape(), padded.rowAxis, sums.deferred(builder));
        int[] shape = Shapes.concat(new int[] {padded.shape[0], outputs}, window.output);
        if (result.rank() == shape.length) {
            return result;
        }
        Val joined = builder.allocate(type, shape, padded.rowAxis);
        builder.compute(result, View.contiguous(joined.view().value(), result.shape));
        return joined;
    }

    private void checkChannels(int channels) {
        Refusal.unless(
                groups > 0
                        && weights.shape[0] % groups == 0
                        && weights.shape[1] * groups == channels,
                "kernels of shape %s do not fit %d channels in %d groups",
                Shapes.boxed(weights.shape),
                channels,
                groups);
    }

    private SumOfProducts sums(Builder builder, Val padded, Window window) {
        View x = builder.view(padded);
        View w = builder.view(weights);
        SumOfProducts sums = new SumOfProducts(kind, x, w).ofSmallIntegers(smallIntegers);
        int biasStride = 0;
        if (bias.isPresent()) {
            View start = builder.view(bias.get());
            sums.startingFrom(start);
            biasStride = start.strides().get(0);
        }
        int groupStride = weights.shape[1] * x.strides().get(1);
        int outputStride = w.strides().get(0);
        int perGroup = weights.shape[0] / groups;
        sums.along(padded.shape[0], x.strides().get(0), 0, 0);
        if (groups == 1 || perGroup == 1) {
            sums.along(weights.shape[0], groups == 1 ? 0 : groupStride, outputStride, biasStride);
        } else {
            sums.along(groups, groupStride, perGroup * outputStride, perGroup * biasStride);
            sums.along(perGroup, 0, outputStride, biasStride);
        }
        for (int i = 0; i < window.rank(); i++) {
            int step = window.strides[i] * x.strides().get(2 + i);
            sums.along(window.output[i], step, 0, 0);
        }
        sums.over(weights.shape[1], x.strides().get(1), w.strides().get(1));
        for (int i = 0; i < window.rank(); i++) {
            int step = window.dilations[i] * x.strides().get(2 + i);
            sums.over(window.kernel[i], step, w.strides().get(2 + i));
        }
        return sums;
    }
}
