package dev.millrace.gpu.lowering;

import dev.millrace.gpu.model.Tensor;
import java.util.Locale;
import java.util.Optional;

/** Images larger and smaller. */
final class ResizeOps {
    private ResizeOps() {}

    static void register(Operators operators) {
        operators.standard("Resize", ResizeOps::resize);
        operators.standard("Upsample", ResizeOps::upsample);
        operators.standard("CenterCropPad", ResizeOps::cropAndPad);
    }

    private static void upsample(NodeContext node) {
        Val x = node.input(0);
        float[] scales =
                node.reals("scales")
                        .orElseGet(() -> floats(node.constant(1, "the scales"), x.rank()));
        Refusal.unless(scales.length == x.rank(), "%d scales do not fit %s", scales.length, x);
        ResizedAxis[] axes = new ResizedAxis[x.rank()];
        for (int i = 0; i < axes.length; i++) {
            axes[i] =
                    new ResizedAxis(
                            x.shape[i],
                            scaled(x.shape[i], scales[i]),
                            scales[i],
                            ResizedAxis.Coordinates.ASYMMETRIC,
                            0,
                            1);
        }
        String mode = node.text("mode", "nearest");
        interpolate(node, x, axes, mode, ResizedAxis.Nearest.SIMPLE, 0);
    }

    private static int scaled(int extent, double scale) {
        return Shapes.extent((long) Math.floor(extent * scale));
    }

    private static float[] floats(Tensor tensor, int count) {
        Refusal.unless(tensor.elements() == count, "%s does not have %d elements", tensor, count);
        return tensor.toFloats();
    }

    private static void resize(NodeContext node) {
        Val x = node.input(0);
        boolean old = node.version() < 11;
        String asked =
                node.text("coordinate_transformation_mode", old ? "asymmetric" : "half_pixel");
        ResizedAxis.Coordinates coordinates =
                ResizedAxis.Coordinates.valueOf(asked.toUpperCase(Locale.ROOT));
        int[] axes = axes(node, x);
        ResizedAxis[] resized = new ResizeSettings(node, x, axes, coordinates, old ? 1 : 2).axes();
        String nearest = node.text("nearest_mode", old ? "simple" : "round_prefer_floor");
        interpolate(
                node,
                x,
                resized,
                node.text("mode", "nearest"),
                ResizedAxis.Nearest.valueOf(nearest.toUpperCase(Locale.ROOT)),
                node.real("extrapolation_value", 0));
    }

    private static int[] axes(NodeContext node, Val x) {
        Optional<int[]> axes = Window.integers(node, "axes");
        int[] chosen = axes.orElse(Shapes.range(0, x.rank()));
        for (int i = 0; i < chosen.length; i++) {
            chosen[i] = Shapes.axis(chosen[i], x.rank());
        }
        return chosen;
    }

    private static void interpolate(
            NodeContext node,
            Val x,
            ResizedAxis[] axes,
            String mode,
            ResizedAxis.Nearest nearest,
            float beyond) {
        boolean cubic = mode.equals("cubic");
        ResizedAxis.Weighing weighing =
                new ResizedAxis.Weighing(
                        cubic,
                        node.real("cubic_coeff_a", -0.75f),
                        node.flag("antialias", false),
                        node.flag("exclude_outside", false));
        Interpolation interpolation = new Interpolation(node.builder(), beyond);
        switch (mode) {
            case "nearest" -> {
                Refusal.unless(!weighing.antialias(), "nearest elements cannot be antialiased");
                node.output(interpolation.nearest(x, axes, nearest));
            }
            case "linear", "bilinear", "cubic" ->
                    node.output(interpolation.weighed(x, axes, weighing));
            default -> throw new Refusal("mode " + mode + " is not known");
        }
    }

    private static void cropAndPad(NodeContext node) {
        Val x = node.input(0);
        long[] wanted = node.constantLongs(1, "the shape");
        int[] axes = axes(node, x);
        Refusal.unless(
                wanted.length == axes.length, "%d extents for %d axes", wanted.length, axes.length);
        int[] before = new int[x.rank()];
        int[] after = new int[x.rank()];
        for (int i = 0; i < axes.length; i++) {
            int axis = axes[i];
            int missing = Shapes.extent(wanted[i]) - x.shape[axis];
            if (missing != 0) {
                Rows.spared(x, axis);
            }
            // Half of an odd number: less is cut, and less is added, at the beginning.
            before[axis] = missing < 0 ? -(-missing / 2) : missing / 2;
            after[axis] = missing - before[axis];
        }
        node.output(Padding.pad(node.builder(), x, 0, before, after, Terms.literal(x.kind(), 0)));
    }
}
