package dev.millrace.gpu.cpu.vector;

import dev.millrace.gpu.cpu.DenseLayer;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * A dense layer in register tiles: rows by one or two vectors of outputs, k innermost, weights
 * packed per group of outputs in the order they are read.
 */
public final class VectorDenseLayer implements DenseLayer {
    static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    static final int LANES = SPECIES.length();

    /** Vectors this wide come with thirty-two registers: room for the large tile. */
    private static final int LANES_OF_LARGE_TILE = 16;

    private static final int LARGE_TILE = 12;
    private static final int SMALL_TILE = 4;

    private final int inputs;
    private final int outputs;
    private final boolean rectified;
    private final boolean accumulating;
    private final float[] weights;
    private final float[] bias;
    private final float[] edge = new float[LARGE_TILE * 2 * LANES];

    public VectorDenseLayer(DenseLayer.Shape shape) {
        inputs = shape.inputs();
        outputs = shape.outputs();
        rectified = shape.rectified();
        int vectors = (outputs + LANES - 1) / LANES;
        accumulating = shape.bias().length == 0;
        bias = Arrays.copyOf(shape.bias(), vectors * LANES);
        weights = new float[Math.multiplyExact(vectors * LANES, inputs)];
        load(shape.weights());
    }

    @Override
    public void load(float[] source) {
        for (int first = 0; first < outputs; first += 2 * LANES) {
            pack(source, first, groupWidth(first));
        }
    }

    private VectorDenseLayer(VectorDenseLayer other) {
        inputs = other.inputs;
        outputs = other.outputs;
        rectified = other.rectified;
        accumulating = other.accumulating;
        weights = other.weights;
        bias = other.bias;
    }

    @Override
    public DenseLayer sibling() {
        return new VectorDenseLayer(this);
    }

    /** Lanes of the group of outputs that starts at {@code first}. */
    private int groupWidth(int first) {
        return outputs - first > LANES ? 2 * LANES : LANES;
    }

    private void pack(float[] source, int first, int width) {
        for (int k = 0; k < inputs; k++) {
            int count = Math.min(width, outputs - first);
            System.arraycopy(
                    source, k * outputs + first, weights, first * inputs + k * width, count);
        }
    }

    @Override
    public void run(
            float[] x, int xOffset, int xStride, int rows, float[] y, int yOffset, int yStride) {
        for (int first = 0; first < outputs; first += 2 * LANES) {
            int row = 0;
            if (LANES >= LANES_OF_LARGE_TILE) {
                for (; row + LARGE_TILE <= rows; row += LARGE_TILE) {
                    tile(
                            LARGE_TILE,
                            first,
                            x,
                            xOffset + row * xStride,
                            xStride,
                            y,
                            yOffset + row * yStride,
                            yStride);
                }
            }
            for (; row + SMALL_TILE <= rows; row += SMALL_TILE) {
                tile(
                        SMALL_TILE,
                        first,
                        x,
                        xOffset + row * xStride,
                        xStride,
                        y,
                        yOffset + row * yStride,
                        yStride);
            }
            for (; row < rows; row++) {
                tile(
                        1,
                        first,
                        x,
                        xOffset + row * xStride,
                        xStride,
                        y,
                        yOffset + row * yStride,
                        yStride);
            }
        }
    }

    /** One tile; where its vectors reach beyond the outputs, by way of the scratch tile. */
    private void tile(
            int rows,
            int first,
            float[] x,
            int xOffset,
            int xStride,
            float[] y,
            int yOffset,
            int yStride) {
        int width = groupWidth(first);
        if (first + width <= outputs) {
            compute(rows, first, width, x, xOffset, xStride, y, yOffset + first, yStride);
            rectify(y, yOffset + first, yStride, rows, width);
            return;
        }
        int count = outputs - first;
        if (accumulating) {
            for (int row = 0; row < rows; row++) {
                int from = yOffset + first + row * yStride;
                for (int n = 0; n < count; n++) {
                    edge[row * width + n] = y[from + n];
                }
            }
        }
        compute(rows, first, width, x, xOffset, xStride, edge, 0, width);
        rectify(edge, 0, width, rows, width);
        for (int row = 0; row < rows; row++) {
            int to = yOffset + first + row * yStride;
            for (int n = 0; n < count; n++) {
                y[to + n] = edge[row * width + n];
            }
        }
    }

    private void compute(
            int rows,
            int first,
            int width,
            float[] x,
            int xOffset,
            int xStride,
            float[] y,
            int yOffset,
            int yStride) {
        int w = first * inputs;
        float[] start = accumulating ? y : bias;
        int startOffset = accumulating ? yOffset : first;
        int startStride = accumulating ? yStride : 0;
        boolean wide = width == 2 * LANES;
        if (rows == LARGE_TILE && wide) {
            Tile12.wide(
                    x,
                    xOffset,
                    xStride,
                    inputs,
                    weights,
                    w,
                    start,
                    startOffset,
                    startStride,
                    y,
                    yOffset,
                    yStride);
        } else if (rows == LARGE_TILE) {
            Tile12.narrow(
                    x,
                    xOffset,
                    xStride,
                    inputs,
                    weights,
                    w,
                    start,
                    startOffset,
                    startStride,
                    y,
                    yOffset,
                    yStride);
        } else if (rows == SMALL_TILE && wide) {
            Tile4.wide(
                    x,
                    xOffset,
                    xStride,
                    inputs,
                    weights,
                    w,
                    start,
                    startOffset,
                    startStride,
                    y,
                    yOffset,
                    yStride);
        } else if (rows == SMALL_TILE) {
            Tile4.narrow(
                    x,
                    xOffset,
                    xStride,
                    inputs,
                    weights,
                    w,
                    start,
                    startOffset,
                    startStride,
                    y,
                    yOffset,
                    yStride);
        } else if (wide) {
            Tile1.wide(
                    x,
                    xOffset,
                    xStride,
                    inputs,
                    weights,
                    w,
                    start,
                    startOffset,
                    startStride,
                    y,
                    yOffset,
                    yStride);
        } else {
            Tile1.narrow(
                    x,
                    xOffset,
                    xStride,
                    inputs,
                    weights,
                    w,
                    start,
                    startOffset,
                    startStride,
                    y,
                    yOffset,
                    yStride);
        }
    }

    /**
     * max(y, +0) of a tile, where asked for. Not within the tiles: the compiler stops inlining
     * their last vector operations then, and every vector becomes an object.
     */
    private void rectify(float[] y, int yOffset, int yStride, int rows, int width) {
        if (!rectified) {
            return;
        }
        for (int row = 0; row < rows; row++) {
            int end = yOffset + row * yStride + width;
            for (int at = end - width; at < end; at += LANES) {
                FloatVector.fromArray(SPECIES, y, at)
                        .max(FloatVector.zero(SPECIES))
                        .intoArray(y, at);
            }
        }
    }
}
