package dev.millrace.gpu.lowering;

import dev.millrace.gpu.model.Expr;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/** Padding. */
final class PadOp {
    private static final int PADS_BY_INPUT = 11;

    private PadOp() {}

    static void register(Operators operators) {
        operators.standard("Pad", PadOp::lower);
    }

    private static void lower(NodeContext node) {
        String mode = node.text("mode", "constant");
        Val value = node.input(0);
        Val fill;
        long[] pads;
        long[] axes = LongStream.range(0, value.rank()).toArray();
        if (node.version() < PADS_BY_INPUT) {
            pads = node.integers("pads").orElseThrow(() -> new Refusal("it has no pads"));
            Val real = node.builder().scalar(node.real("value", 0));
            fill = SelectionOps.converted(node.builder(), real, value.type);
        } else {
            pads = node.constantLongs(1, "pads");
            Val zero = node.builder().scalar(0);
            fill =
                    node.optional(2)
                            .orElse(SelectionOps.converted(node.builder(), zero, value.type));
            axes = node.has(3) ? node.constantLongs(3, "axes") : axes;
        }
        ElementwiseOps.sameType(value, fill);
        Refusal.unless(fill.elements() == 1, "the filling %s is no scalar", fill);
        Refusal.unless(
                pads.length == 2 * axes.length,
                "pads %s do not fit %s",
                Arrays.toString(pads),
                value);
        Shapes.axes(axes, value.rank());
        int[] before = new int[value.rank()];
        int[] after = new int[value.rank()];
        for (int i = 0; i < axes.length; i++) {
            int axis = Shapes.axis(axes[i], value.rank());
            before[axis] = Math.toIntExact(pads[i]);
            after[axis] = Math.toIntExact(pads[axes.length + i]);
        }
        Val cut = cropped(node.builder(), value, before, after);
        node.output(
                mode.equals("constant")
                        ? padded(node.builder(), cut, before, after, fill)
                        : continued(node.builder(), cut, before, after, mode));
    }

    /** Negative pads cut off; they become 0. */
    private static Val cropped(Builder builder, Val value, int[] before, int[] after) {
        Val result = value;
        for (int axis = 0; axis < value.rank(); axis++) {
            int start = Math.max(0, -before[axis]);
            int count = value.shape[axis] - start - Math.max(0, -after[axis]);
            Refusal.unless(count >= 0, "pads cut off more than there is of %s", value);
            result = Views.slice(builder, result, axis, start, 1, count);
            before[axis] = Math.max(0, before[axis]);
            after[axis] = Math.max(0, after[axis]);
        }
        return result;
    }

    /**
     * Surrounds a value with a constant.
     *
     * @param before elements to add at the start of each dimension, none negative
     * @param after the same at the end
     * @param fill one element
     */
    static Val padded(Builder builder, Val value, int[] before, int[] after, Val fill) {
        int[] shape = value.shape.clone();
        View view = builder.view(value);
        int offset = view.offset();
        for (int axis = 0; axis < shape.length; axis++) {
            int more = Math.addExact(before[axis], after[axis]);
            if (more > 0) {
                Rows.spared(value, axis);
                shape[axis] = Math.addExact(shape[axis], more);
                offset -= before[axis] * view.strides().get(axis);
            }
        }
        if (Arrays.equals(shape, value.shape)) {
            return value;
        }
        Shapes.elements(shape);
        Rows.absent(fill, "the filling");
        Operands operands = new Operands(builder, shape, false);
        Expr outside = operands.use(fill);
        View moved = new View(view.value(), offset, view.strides());
        Expr body = new Expr.Load(operands.index(moved), value.kind());
        for (int axis = shape.length - 1; axis >= 0; axis--) {
            if (shape[axis] != value.shape[axis]) {
                int from = before[axis];
                body = new Expr.Guarded(axis, from, from + value.shape[axis], body, outside);
            }
        }
        return builder.defer(
                value.type,
                shape,
                value.rowAxis,
                new Deferred(operands.origin(), operands.root(), operands.inputs(), body));
    }

    /** Surrounds a value with elements of its own. */
    private static Val continued(
            Builder builder, Val value, int[] before, int[] after, String mode) {
        Val result = value;
        for (int axis = 0; axis < value.rank(); axis++) {
            if (before[axis] == 0 && after[axis] == 0) {
                continue;
            }
            Rows.spared(value, axis);
            int extent = value.shape[axis];
            int most = mode.equals("reflect") ? extent - 1 : extent;
            boolean repeats = mode.equals("edge");
            Refusal.unless(
                    extent > 0 && (repeats || (before[axis] <= most && after[axis] <= most)),
                    "pads are wider than %s",
                    value);
            List<int[]> slices = slices(mode, extent, before[axis], after[axis]);
            result = Joining.slices(builder, result, axis, slices);
        }
        return result;
    }

    private static List<int[]> slices(String mode, int extent, int before, int after) {
        List<int[]> slices = new ArrayList<>();
        switch (mode) {
            case "reflect" -> {
                slices.add(new int[] {before, -1, before});
                slices.add(new int[] {0, 1, extent});
                slices.add(new int[] {extent - 2, -1, after});
            }
            case "edge" -> {
                slices.add(new int[] {0, 0, before});
                slices.add(new int[] {0, 1, extent});
                slices.add(new int[] {extent - 1, 0, after});
            }
            case "wrap" -> {
                slices.add(new int[] {extent - before, 1, before});
                slices.add(new int[] {0, 1, extent});
                slices.add(new int[] {0, 1, after});
            }
            default -> throw new Refusal("mode '%s' is not covered".formatted(mode));
        }
        return slices;
    }
}
