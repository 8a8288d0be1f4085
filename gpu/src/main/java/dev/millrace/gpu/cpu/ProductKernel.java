package dev.millrace.gpu.cpu;

import dev.millrace.gpu.interpreter.StepKernel;

/**
 * Carries out contractions of any arrangement by dense layers: gathers what each position reads
 * side by side where it does not lie so already, runs the layer of its group, and puts the results
 * where they belong. Convolutions above all, and products of two of the record's own values, whose
 * right one is loaded into the layer for every record and group.
 */
final class ProductKernel implements StepKernel {
    /** Most positions computed at a time. */
    private static final int MOST_POSITIONS = 256;

    private static final int FEWEST_POSITIONS = 16;

    /** Gathered floats that should stay in the second-level cache. */
    private static final int GATHERED_FLOATS = 1 << 16;

    private final Product product;

    /** One per group; a single one if it is loaded. */
    private final DenseLayer[] layers;

    private final int block;
    private final boolean loaded;
    private final float[] weights;

    /** Distance of positions whose terms lie side by side; 0 if they have to be gathered. */
    private final int leftStride;

    /** Distance of positions whose outputs lie side by side; 0 if they have to be scattered. */
    private final int outputStride;

    /** Whether a block of positions keeps to one record. */
    private final boolean byRecord;

    private final float[] gathered;
    private final float[] sums;

    /**
     * @param layers one per group, or the one that is loaded for each
     * @param loaded whether the right operand is the record's own
     */
    ProductKernel(Product product, DenseLayer[] layers, boolean loaded) {
        this.product = product;
        this.layers = layers;
        this.loaded = loaded;
        block = block(product);
        boolean many = product.positions() >= FEWEST_POSITIONS;
        boolean evenLeft = isEven(product.leftPositions) && isContiguous(product.leftTerms);
        boolean evenOutput = isEven(product.outputPositions) && isContiguous(product.outputOutputs);
        byRecord = loaded || (many && (evenLeft || evenOutput));
        leftStride = byRecord && evenLeft ? distance(product.leftPositions) : 0;
        outputStride = byRecord && evenOutput ? distance(product.outputPositions) : 0;
        weights = new float[loaded ? product.terms() * product.outputs() : 0];
        gathered = new float[leftStride > 0 ? 0 : Math.multiplyExact(block, product.terms())];
        sums = new float[outputStride > 0 ? 0 : Math.multiplyExact(block, product.outputs())];
    }

    /** The most positions of one run of a layer. */
    static int block(Product product) {
        int fitting = Math.max(FEWEST_POSITIONS, GATHERED_FLOATS / product.terms());
        return Math.min(MOST_POSITIONS, fitting);
    }

    private static boolean isContiguous(int[] offsets) {
        return isEven(offsets) && (offsets.length == 1 || offsets[1] == 1);
    }

    /** Whether the offsets ascend at one pace. */
    private static boolean isEven(int[] offsets) {
        int distance = distance(offsets);
        for (int i = 1; i < offsets.length; i++) {
            if (offsets[i] - offsets[i - 1] != distance) {
                return false;
            }
        }
        return distance > 0;
    }

    private static int distance(int[] offsets) {
        return offsets.length == 1 ? 1 : offsets[1] - offsets[0];
    }

    @Override
    public void run(float[][] inputs, float[] output, int rows) {
        int positions = product.positions();
        for (int group = 0; group < product.groups(); group++) {
            DenseLayer layer = layers[loaded ? 0 : group];
            if (!byRecord) {
                run(layer, group, inputs, output, 0, rows * positions);
                continue;
            }
            for (int row = 0; row < rows; row++) {
                if (loaded) {
                    load(layer, group, inputs[1], row);
                }
                run(layer, group, inputs, output, row * positions, (row + 1) * positions);
            }
        }
    }

    private void load(DenseLayer layer, int group, float[] right, int row) {
        int outputs = product.outputs();
        int from = row * product.rightRowElements + product.right.offset();
        from += product.rightGroups[group];
        for (int k = 0; k < product.terms(); k++) {
            int base = from + product.rightTerms[k];
            for (int n = 0; n < outputs; n++) {
                weights[k * outputs + n] = right[base + product.rightOutputs[n]];
            }
        }
        layer.load(weights);
    }

    /** The positions from (inclusive) to (exclusive), numbered through all rows. */
    private void run(
            DenseLayer layer, int group, float[][] inputs, float[] output, int from, int to) {
        for (int first = from; first < to; first += block) {
            int count = Math.min(block, to - first);
            float[] x = inputs[0];
            int xOffset = leftAt(group, first);
            int xStride = leftStride;
            if (leftStride == 0) {
                gather(inputs[0], group, first, count);
                x = gathered;
                xOffset = 0;
                xStride = product.terms();
            }
            if (outputStride > 0) {
                int yOffset = outputAt(group, first);
                product.start(inputs, group, first, count, output, yOffset, outputStride);
                layer.run(x, xOffset, xStride, count, output, yOffset, outputStride);
            } else {
                int yStride = product.outputs();
                product.start(inputs, group, first, count, sums, 0, yStride);
                layer.run(x, xOffset, xStride, count, sums, 0, yStride);
                scatter(output, group, first, count);
            }
        }
    }

    private int leftAt(int group, int position) {
        int row = position / product.positions();
        return row * product.leftRowElements
                + product.left.offset()
                + product.leftGroups[group]
                + product.leftPositions[position - row * product.positions()];
    }

    private int outputAt(int group, int position) {
        int row = position / product.positions();
        return row * product.outputRowElements
                + product.output.offset()
                + product.outputGroups[group]
                + product.outputPositions[position - row * product.positions()];
    }

    private void gather(float[] left, int group, int first, int count) {
        int[] terms = product.leftTerms;
        for (int i = 0; i < count; i++) {
            int from = leftAt(group, first + i);
            int to = i * terms.length;
            for (int k = 0; k < terms.length; k++) {
                gathered[to + k] = left[from + terms[k]];
            }
        }
    }

    private void scatter(float[] output, int group, int first, int count) {
        int[] outputs = product.outputOutputs;
        for (int i = 0; i < count; i++) {
            int to = outputAt(group, first + i);
            int from = i * outputs.length;
            for (int n = 0; n < outputs.length; n++) {
                output[to + outputs[n]] = sums[from + n];
            }
        }
    }
}
