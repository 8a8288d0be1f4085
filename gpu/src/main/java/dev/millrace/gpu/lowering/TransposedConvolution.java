package dev.millrace.gpu.lowering;

import dev.millrace.gpu.model.Expr;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A transposed convolution as the sum that each output element is.
 *
 * <p>Output position o of a dimension gathers every kernel position k for which {@code o + pad - k
 * * dilation} is a multiple of the stride; the multiple is the input position. The outputs are
 * computed residue by residue (o modulo stride): for all outputs of one residue the same kernel
 * positions count, and input positions move along by one. So no products with zeros are summed.
 */
final class TransposedConvolution {
    private final Builder builder;
    private final Val x;
    private final Val weights;
    private final Optional<Val> bias;
    private final int groups;
    private final int[] strides;
    private final int[] dilations;
    private final int[] pads;
    private final int[] output;

    /** The kernel positions that count for one residue of one dimension. */
    private record Taps(
            int residue,
            int places,
            int firstKernel,
            int kernelStep,
            int count,
            int firstInput,
            int inputStep) {
        int lowest() {
            return count == 0 || places == 0 ? 0 : firstInput - (count - 1) * inputStep;
        }

        int highest() {
            return count == 0 || places == 0 ? 0 : firstInput + places - 1;
        }
    }

    private TransposedConvolution(NodeContext node) {
        builder = node.builder();
        x = node.input(0);
        weights = node.input(1);
        bias = node.optional(2);
        groups = ConvolutionOps.groups(node);
        ConvolutionOps.requireImage(x, weights);
        Rows.absent(weights, "the kernel");
        bias.ifPresent(each -> Rows.absent(each, "the bias"));
        Rows.spared(x, Shapes.range(1, x.rank()));
        Refusal.unless(
                groups > 0 && x.shape[1] == weights.shape[0] && x.shape[1] % groups == 0,
                "kernels of shape %s do not fit %d channels in %d groups",
                Shapes.boxed(weights.shape),
                x.shape[1],
                groups);
        TransposedShape shape = TransposedShape.of(node, x, weights);
        strides = shape.strides;
        dilations = shape.dilations;
        pads = shape.before;
        output = shape.output;
    }

    static void lower(NodeContext node) {
        node.output(new TransposedConvolution(node).result());
    }

    private int rank() {
        return output.length;
    }

    private int outputs() {
        return weights.shape[1] * groups;
    }

    private Val result() {
        Taps[][] taps = new Taps[rank()][];
        for (int i = 0; i < rank(); i++) {
            taps[i] = new Taps[Math.min(strides[i], output[i])];
            for (int residue = 0; residue < taps[i].length; residue++) {
                taps[i][residue] = taps(i, residue);
            }
        }
        int[] before = new int[rank()];
        Val padded = pad(taps, before);
        int[] shape = Shapes.concat(new int[] {x.shape[0], outputs()}, output);
        Val result = builder.allocate(x.type, shape, x.rowAxis);
        int[] choice = new int[rank()];
        int[] residues = Arrays.stream(taps).mapToInt(each -> each.length).toArray();
        int combinations = Shapes.elements(residues);
        for (int i = 0; i < combinations; i++) {
            Taps[] chosen = new Taps[rank()];
            for (int d = 0; d < rank(); d++) {
                chosen[d] = taps[d][choice[d]];
            }
            compute(padded, before, chosen, result);
            Positions.advance(choice, residues);
        }
        return result;
    }

    private Taps taps(int i, int residue) {
        int kernel = weights.shape[2 + i];
        int common = greatestCommonDivisor(strides[i], dilations[i]);
        int step = strides[i] / common;
        int places = (output[i] - residue + strides[i] - 1) / strides[i];
        int reach = residue + pads[i];
        for (int k = 0; k < Math.min(step, kernel); k++) {
            int distance = reach - Math.multiplyExact(k, dilations[i]);
            if (Math.floorMod(distance, strides[i]) == 0) {
                int count = (kernel - k + step - 1) / step;
                int input = Math.floorDiv(distance, strides[i]);
                return new Taps(residue, places, k, step, count, input, dilations[i] / common);
            }
        }
        return new Taps(residue, places, 0, step, 0, 0, 0);
    }

    private static int greatestCommonDivisor(int a, int b) {
        return b == 0 ? a : greatestCommonDivisor(b, a % b);
    }

    /** The input with room for every position that any residue reads. */
    private Val pad(Taps[][] taps, int[] before) {
        int[] after = new int[rank()];
        for (int i = 0; i < rank(); i++) {
            for (Taps each : taps[i]) {
                before[i] = Math.max(before[i], -each.lowest());
                after[i] = Math.max(after[i], each.highest() - (x.shape[2 + i] - 1));
            }
        }
        return Padding.pad(builder, x, 2, before, after, Terms.literal(x.kind(), 0));
    }

    private void compute(Val padded, int[] before, Taps[] taps, Val result) {
        View in = builder.view(padded);
        View w = builder.view(weights);
        View out = result.view();
        int channels = x.shape[1] / groups;
        int perGroup = weights.shape[1];
        for (int i = 0; i < rank(); i++) {
            in = in.shifted((taps[i].firstInput + before[i]) * in.strides().get(2 + i));
            w = w.shifted(taps[i].firstKernel * w.strides().get(2 + i));
            out = out.shifted(taps[i].residue * out.strides().get(2 + i));
        }
        for (Taps each : taps) {
            if (each.count == 0) {
                fill(taps, out);
                return;
            }
        }
        SumOfProducts sums = new SumOfProducts(x.kind(), in, w);
        int biasStride = 0;
        if (bias.isPresent()) {
            View start = builder.view(bias.get());
            sums.startingFrom(start);
            biasStride = start.strides().get(0);
        }
        int inputChannel = in.strides().get(1);
        int kernelChannel = w.strides().get(0);
        sums.along(x.shape[0], in.strides().get(0), 0, 0)
                .along(
                        groups,
                        channels * inputChannel,
                        channels * kernelChannel,
                        perGroup * biasStride)
                .along(perGroup, 0, w.strides().get(1), biasStride);
        for (int i = 0; i < rank(); i++) {
            sums.along(taps[i].places, in.strides().get(2 + i), 0, 0);
        }
        sums.over(channels, inputChannel, kernelChannel);
        for (int i = 0; i < rank(); i++) {
            sums.over(
                    taps[i].count,
                    -taps[i].inputStep * in.strides().get(2 + i),
                    taps[i].kernelStep * w.strides().get(2 + i));
        }
        Val deferred = Val.of(x.type, sums.shape(), x.rowAxis, sums.deferred(builder));
        builder.compute(deferred, target(out));
    }

    /** Where no kernel position counts there is the bias alone. */
    private void fill(Taps[] taps, View out) {
        List<Integer> shape = new ArrayList<>(List.of(x.shape[0], groups, weights.shape[1]));
        for (Taps each : taps) {
            shape.add(each.places);
        }
        List<View> inputs = new ArrayList<>();
        Expr body = Terms.literal(x.kind(), 0);
        if (bias.isPresent()) {
            View start = builder.view(bias.get());
            int stride = start.strides().get(0);
            List<Integer> strides = List.of(0, weights.shape[1] * stride, stride);
            inputs.add(new View(start.value(), start.offset(), strides).followedBy(rank()));
            body = new Expr.Load(0, x.kind());
        }
        Deferred deferred = new Deferred(builder.origin(), new Deferred.None(), inputs, body);
        builder.compute(Val.of(x.type, Shapes.unboxed(shape), x.rowAxis, deferred), target(out));
    }

    /** Output positions of one residue; the channels as group and channel within. */
    private View target(View out) {
        List<Integer> along = new ArrayList<>();
        along.add(out.strides().get(0));
        along.add(weights.shape[1] * out.strides().get(1));
        along.add(out.strides().get(1));
        for (int i = 0; i < rank(); i++) {
            along.add(strides[i] * out.strides().get(2 + i));
        }
        return new View(out.value(), out.offset(), along);
    }
}
