package dev.millrace.gpu.lowering;

import java.util.Arrays;
import java.util.Optional;

/** The geometry of a transposed convolution. */
final class TransposedShape {
    final int[] strides;
    final int[] dilations;

    /** Elements cut from the beginning of the full result. */
    final int[] before;

    /** Spatial extents of the result. */
    final int[] output;

    private TransposedShape(int[] strides, int[] dilations) {
        this.strides = strides;
        this.dilations = dilations;
        this.before = new int[strides.length];
        this.output = new int[strides.length];
    }

    static TransposedShape of(NodeContext node, Val x, Val weights) {
        int rank = x.rank() - 2;
        int[] kernel = Arrays.copyOfRange(weights.shape, 2, weights.rank());
        Optional<int[]> declared = Window.integers(node, "kernel_shape");
        Refusal.unless(
                declared.isEmpty() || Arrays.equals(declared.get(), kernel),
                "kernel_shape is not the shape of the kernel");
        TransposedShape shape =
                new TransposedShape(
                        Window.read(node, "strides", rank, 1),
                        Window.read(node, "dilations", rank, 1));
        int[] pads = Window.read(node, "pads", 2 * rank, 0);
        int[] extra = Window.read(node, "output_padding", rank, 0);
        Optional<int[]> wanted = Window.integers(node, "output_shape");
        String autoPad = node.text("auto_pad", "NOTSET");
        for (int i = 0; i < rank; i++) {
            Refusal.unless(
                    shape.strides[i] > 0 && shape.dilations[i] > 0,
                    "strides and dilations must be positive");
            long full =
                    (long) shape.strides[i] * (x.shape[2 + i] - 1)
                            + extra[i]
                            + (kernel[i] - 1L) * shape.dilations[i]
                            + 1;
            if (wanted.isPresent()) {
                // Exporters also give all dimensions of the result, batch and channels included.
                int skipped = wanted.get().length - rank;
                shape.cut(i, full, wanted.get()[skipped + i], autoPad);
            } else if (autoPad.startsWith("SAME_")) {
                int same = Math.multiplyExact(shape.strides[i], x.shape[2 + i]);
                // ONNX would pad with zeros, ONNX Runtime gives a smaller result.
                Refusal.unless(
                        full >= same,
                        "auto_pad %s with kernels shorter than the stride is ambiguous",
                        autoPad);
                shape.cut(i, full, same, autoPad);
            } else {
                boolean padded = !autoPad.equals("VALID");
                shape.before[i] = padded ? pads[i] : 0;
                long cut = padded ? (long) pads[i] + pads[rank + i] : 0;
                shape.output[i] = Shapes.extent(full - cut);
            }
        }
        return shape;
    }

    private void cut(int i, long full, int wanted, String autoPad) {
        int total = Shapes.extent(Math.max(0, full - wanted));
        before[i] = autoPad.equals("SAME_UPPER") ? total / 2 : total - total / 2;
        output[i] = Shapes.extent(wanted);
    }
}
