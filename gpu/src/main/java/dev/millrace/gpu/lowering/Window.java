package dev.millrace.gpu.lowering;

import java.util.Arrays;
import java.util.Optional;

/** How a kernel slides over the spatial dimensions of an input: convolutions and pooling. */
final class Window {
    /** Extents of the spatial dimensions of the input. */
    final int[] input;

    /** Extents of the kernel. */
    final int[] kernel;

    final int[] strides;
    final int[] dilations;

    /** Padding that the model asks for at the beginning. */
    final int[] before;

    /**
     * Padding that the model asks for at the end; the last windows may reach farther (ceil mode) or
     * less far.
     */
    final int[] after;

    /** Extents of the result. */
    final int[] output;

    private Window(int[] input, int[] kernel, int[] strides, int[] dilations, int[] pads) {
        int rank = input.length;
        this.input = input;
        this.kernel = kernel;
        this.strides = strides;
        this.dilations = dilations;
        this.before = Arrays.copyOf(pads, rank);
        this.after = Arrays.copyOfRange(pads, rank, 2 * rank);
        this.output = new int[rank];
    }

    /**
     * The window that a node's attributes describe.
     *
     * @param pooling whether the node may ask to round the number of windows up
     */
    static Window of(NodeContext node, int[] input, int[] kernel, boolean pooling) {
        int rank = input.length;
        Refusal.unless(
                kernel.length == rank,
                "a kernel of %d dimensions does not fit %d spatial dimensions",
                kernel.length,
                rank);
        positive(kernel, "kernel_shape");
        Window window =
                new Window(
                        input,
                        kernel,
                        positive(read(node, "strides", rank, 1), "strides"),
                        positive(read(node, "dilations", rank, 1), "dilations"),
                        read(node, "pads", 2 * rank, 0));
        String autoPad = node.text("auto_pad", "NOTSET");
        boolean ceil = pooling && node.flag("ceil_mode", false);
        for (int i = 0; i < rank; i++) {
            window.place(i, autoPad, ceil, pooling);
        }
        return window;
    }

    /** One window as large as the input. */
    static Window whole(int[] input) {
        int rank = input.length;
        int[] ones = new int[rank];
        Arrays.fill(ones, 1);
        Window window = new Window(input, input, ones, ones, new int[2 * rank]);
        Arrays.fill(window.output, 1);
        return window;
    }

    /** An attribute of integers of which there must be so many. */
    static int[] read(NodeContext node, String name, int length, int otherwise) {
        int[] filled = new int[length];
        Arrays.fill(filled, otherwise);
        int[] values = integers(node, name).orElse(filled);
        Refusal.unless(
                values.length == length,
                "%s has %d elements instead of %d",
                name,
                values.length,
                length);
        return values;
    }

    static Optional<int[]> integers(NodeContext node, String name) {
        return node.integers(name)
                .map(values -> Arrays.stream(values).mapToInt(Math::toIntExact).toArray());
    }

    private void place(int i, String autoPad, boolean ceil, boolean pooling) {
        switch (autoPad) {
            case "", "NOTSET" -> output[i] = slots(i, ceil);
            case "VALID" -> {
                before[i] = 0;
                after[i] = 0;
                output[i] = slots(i, ceil);
            }
            case "SAME_UPPER", "SAME_LOWER" -> {
                output[i] = (int) (((long) input[i] + strides[i] - 1) / strides[i]);
                long total = (output[i] - 1L) * strides[i] + span(i) - input[i];
                // Negative where windows leave gaps: pooling then starts later, as in ONNX Runtime.
                total = pooling ? total : Math.max(0, total);
                boolean upper = autoPad.equals("SAME_UPPER");
                before[i] = Math.toIntExact(upper ? total / 2 : (total + 1) / 2);
                after[i] = Math.toIntExact(total - before[i]);
            }
            default -> throw new Refusal("auto_pad " + autoPad + " is not known");
        }
    }

    private int slots(int i, boolean ceil) {
        long room = (long) input[i] + before[i] + after[i] - span(i);
        if (room < 0) {
            return 0;
        }
        long slots = room / strides[i] + 1;
        boolean startsInside = slots * strides[i] < (long) input[i] + before[i];
        if (ceil && room % strides[i] != 0 && startsInside) {
            slots++;
        }
        return Shapes.extent(slots);
    }

    /** Elements from a window's first to its last, both included. */
    private long span(int i) {
        return (kernel[i] - 1L) * dilations[i] + 1;
    }

    /** Padding at the end that lets every window lie inside; may be negative. */
    int[] reach() {
        int[] reach = new int[input.length];
        for (int i = 0; i < reach.length; i++) {
            long end = (output[i] - 1L) * strides[i] + span(i);
            reach[i] = Math.toIntExact(Math.max(end - before[i] - input[i], -(long) input[i]));
        }
        return reach;
    }

    int rank() {
        return input.length;
    }

    private static int[] positive(int[] values, String name) {
        for (int value : values) {
            Refusal.unless(value > 0, "%s has the element %d", name, value);
        }
        return values;
    }
}
