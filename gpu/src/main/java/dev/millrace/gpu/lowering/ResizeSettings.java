package dev.millrace.gpu.lowering;

import dev.millrace.gpu.model.ScalarKind;
import dev.millrace.gpu.model.Tensor;
import java.util.Arrays;

/** What a Resize node says about extents: scales or sizes, for all or some dimensions. */
final class ResizeSettings {
    private final Val x;
    private final int[] axes;
    private final ResizedAxis.Coordinates coordinates;
    private final double[] scales;
    private final int[] extents;
    private final double[] region;

    /**
     * @param scalesInput which input holds the scales
     */
    ResizeSettings(
            NodeContext node,
            Val x,
            int[] axes,
            ResizedAxis.Coordinates coordinates,
            int scalesInput) {
        this.x = x;
        this.axes = axes;
        this.coordinates = coordinates;
        scales = new double[axes.length];
        extents = new int[axes.length];
        region = region(node, scalesInput == 2);
        String policy = node.text("keep_aspect_ratio_policy", "stretch");
        if (node.has(3)) {
            node.ignoreInput(scalesInput);
            takeSizes(sizes(node), policy);
        } else {
            takeScales(node.constant(scalesInput, "the scales"));
        }
    }

    /** The sizes; that of the rows may be the number of records. */
    private long[] sizes(NodeContext node) {
        Val sizes = node.counted(3);
        Tensor tensor = node.builder().required(sizes, "the sizes");
        Refusal.unless(
                tensor.kind() == ScalarKind.I64 && tensor.elements() == axes.length,
                "%d sizes for %d axes",
                tensor.elements(),
                axes.length);
        for (int i = 0; i < sizes.rowCounts.length; i++) {
            Refusal.unless(
                    !sizes.rowCounts[i] || axes[i] == x.rowAxis,
                    "size %d depends on the number of records",
                    i);
        }
        return tensor.toLongs();
    }

    private void takeScales(Tensor tensor) {
        Refusal.unless(
                tensor.kind() == ScalarKind.F32 && tensor.elements() == axes.length,
                "%d scales for %d axes",
                tensor.elements(),
                axes.length);
        for (int i = 0; i < axes.length; i++) {
            scales[i] = tensor.floatAt(i);
            double extent = Math.floor(x.shape[axes[i]] * scales[i]);
            extents[i] = Shapes.extent((long) extent);
        }
    }

    private void takeSizes(long[] sizes, String policy) {
        for (int i = 0; i < axes.length; i++) {
            extents[i] = Shapes.extent(sizes[i]);
            scales[i] = (double) extents[i] / x.shape[axes[i]];
        }
        if (policy.equals("stretch")) {
            return;
        }
        double common =
                switch (policy) {
                    case "not_larger" -> Arrays.stream(scales).min().orElse(1);
                    case "not_smaller" -> Arrays.stream(scales).max().orElse(1);
                    default ->
                            throw new Refusal("keep_aspect_ratio_policy " + policy + " is unknown");
                };
        for (int i = 0; i < axes.length; i++) {
            scales[i] = common;
            extents[i] = Shapes.extent((long) (common * x.shape[axes[i]] + 0.5));
        }
    }

    private double[] region(NodeContext node, boolean hasRegion) {
        if (coordinates != ResizedAxis.Coordinates.TF_CROP_AND_RESIZE) {
            if (hasRegion) {
                node.ignoreInput(1);
            }
            return new double[0];
        }
        Tensor tensor = node.constant(1, "the region");
        Refusal.unless(
                tensor.elements() == 2 * axes.length,
                "a region of %d numbers for %d axes",
                tensor.elements(),
                axes.length);
        double[] region = new double[tensor.elements()];
        for (int i = 0; i < region.length; i++) {
            region[i] = tensor.asDouble(i);
        }
        return region;
    }

    /** All dimensions of the input, resized or not. */
    ResizedAxis[] axes() {
        ResizedAxis[] all = new ResizedAxis[x.rank()];
        for (int i = 0; i < all.length; i++) {
            all[i] =
                    new ResizedAxis(
                            Math.max(1, x.shape[i]),
                            x.shape[i],
                            1,
                            ResizedAxis.Coordinates.ASYMMETRIC,
                            0,
                            1);
        }
        for (int i = 0; i < axes.length; i++) {
            boolean cropped = region.length > 0;
            all[axes[i]] =
                    new ResizedAxis(
                            x.shape[axes[i]],
                            extents[i],
                            scales[i],
                            coordinates,
                            cropped ? region[i] : 0,
                            cropped ? region[axes.length + i] : 1);
        }
        return all;
    }
}
