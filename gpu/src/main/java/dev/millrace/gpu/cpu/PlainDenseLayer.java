package dev.millrace.gpu.cpu;

import java.util.Arrays;

/**
 * A dense layer in loops that HotSpot's compiler turns into vector code by itself. For that, every
 * array of the inner loop is indexed by the loop variable alone and has its own Java array: with an
 * offset added, JDK 17 falls back to scalar code, four times slower. Two k by four results is the
 * largest body it still vectorises.
 *
 * <p>Rows are turned into columns and the inner loop runs over rows, which makes it long for layers
 * of any shape; with few rows it runs over outputs.
 */
final class PlainDenseLayer implements DenseLayer {
    /** Most rows turned into columns at a time; from CpuComparison. */
    private static final int BLOCK = 512;

    /** Inputs whose columns stay in the first-level cache while all results take them. */
    private static final int DEPTH = 16;

    /** Fewer rows than this are not worth turning. */
    private static final int FEW_ROWS = 32;

    /** With so many outputs for each row, rows are not turned however many there are. */
    private static final int WIDE = 2;

    /**
     * Makes an array's size, its header of 16 bytes included, a multiple of a cache line: arrays
     * made one after another then start alike, and the compiler's loop aligns all of them at once.
     * Worth a fifth.
     */
    private static final int LINE_FLOATS = 16;

    private static final int HEADER_FLOATS = 4;

    /** Results that one inner loop computes together. */
    private static final int GROUP = 4;

    private final int inputs;
    private final int outputs;
    private final boolean rectified;
    private final boolean accumulating;

    /** Per k the weights of all outputs. */
    private final float[][] weightRows;

    /** Outputs padded to whole groups: weight[n][k] at {@code n * inputs + k}. */
    private final float[] weightColumns;

    private final float[] bias;
    private final float[][] columns;
    private final float[][] results;
    private final float[][] outputRows;

    PlainDenseLayer(DenseLayer.Shape shape) {
        inputs = shape.inputs();
        outputs = shape.outputs();
        rectified = shape.rectified();
        weightRows = new float[inputs][];
        for (int k = 0; k < inputs; k++) {
            weightRows[k] = new float[aligned(outputs)];
        }
        int padded = (outputs + GROUP - 1) / GROUP * GROUP;
        accumulating = shape.accumulating();
        bias = Arrays.copyOf(shape.bias(), padded);
        boolean needsColumns = shape.maxRows() >= FEW_ROWS;
        weightColumns = new float[needsColumns ? padded * inputs : 0];
        load(shape.weights());
        outputRows = new float[GROUP][aligned(outputs)];
        columns = new float[needsColumns ? Math.min(DEPTH, inputs) : 0][aligned(BLOCK)];
        results = new float[needsColumns ? padded : 0][aligned(BLOCK)];
    }

    private PlainDenseLayer(PlainDenseLayer other) {
        inputs = other.inputs;
        outputs = other.outputs;
        rectified = other.rectified;
        accumulating = other.accumulating;
        weightRows = other.weightRows;
        bias = other.bias;
        weightColumns = other.weightColumns;
        outputRows = new float[GROUP][aligned(outputs)];
        columns = new float[other.columns.length][aligned(BLOCK)];
        results = new float[other.results.length][aligned(BLOCK)];
    }

    @Override
    public void load(float[] weights) {
        for (int k = 0; k < inputs; k++) {
            System.arraycopy(weights, k * outputs, weightRows[k], 0, outputs);
        }
        if (weightColumns.length == 0) {
            return;
        }
        for (int n = 0; n < outputs; n++) {
            for (int k = 0; k < inputs; k++) {
                weightColumns[n * inputs + k] = weights[k * outputs + n];
            }
        }
    }

    @Override
    public DenseLayer sibling() {
        return new PlainDenseLayer(this);
    }

    private static int aligned(int floats) {
        int lines = (floats + HEADER_FLOATS + LINE_FLOATS - 1) / LINE_FLOATS;
        return lines * LINE_FLOATS - HEADER_FLOATS;
    }

    @Override
    public void run(
            float[] x, int xOffset, int xStride, int rows, float[] y, int yOffset, int yStride) {
        int row = 0;
        // The longer loop loses less to the elements that the compiler's code takes one at a time.
        boolean wide = outputs >= WIDE * rows;
        while (!wide && rows - row >= FEW_ROWS) {
            int block = nextBlock(rows - row);
            startColumns(block, y, yOffset + row * yStride, yStride);
            runColumns(x, xOffset + row * xStride, xStride, block);
            storeColumns(block, y, yOffset + row * yStride, yStride);
            row += block;
        }
        for (; row < rows; row += GROUP) {
            int group = Math.min(GROUP, rows - row);
            for (int r = 0; r < group; r++) {
                startRow(outputRows[r], y, yOffset + (row + r) * yStride);
            }
            runRows(x, xOffset + row * xStride, xStride, group);
            for (int r = 0; r < group; r++) {
                storeRow(outputRows[r], y, yOffset + (row + r) * yStride);
            }
        }
    }

    /** Blocks of about equal size in whole vectors, so that none is a short one. */
    private static int nextBlock(int rowsLeft) {
        int blocks = (rowsLeft + BLOCK - 1) / BLOCK;
        int even = (rowsLeft + blocks - 1) / blocks;
        return Math.min(rowsLeft, (even + 31) / 32 * 32);
    }

    /** Up to four rows, the inner loop over outputs. What absent rows give is nobody's. */
    private void runRows(float[] x, int offset, int stride, int group) {
        int x1 = offset + Math.min(1, group - 1) * stride;
        int x2 = offset + Math.min(2, group - 1) * stride;
        int x3 = offset + Math.min(3, group - 1) * stride;
        int k = 0;
        for (; k + 1 < inputs; k += 2) {
            addTwo(
                    x[offset + k],
                    x[offset + k + 1],
                    x[x1 + k],
                    x[x1 + k + 1],
                    x[x2 + k],
                    x[x2 + k + 1],
                    x[x3 + k],
                    x[x3 + k + 1],
                    weightRows[k],
                    weightRows[k + 1],
                    outputRows[0],
                    outputRows[1],
                    outputRows[2],
                    outputRows[3],
                    outputs);
        }
        if (k < inputs) {
            addOne(x[offset + k], weightRows[k], outputRows[0], outputs);
            addOne(x[x1 + k], weightRows[k], outputRows[1], outputs);
            addOne(x[x2 + k], weightRows[k], outputRows[2], outputs);
            addOne(x[x3 + k], weightRows[k], outputRows[3], outputs);
        }
    }

    private void startRow(float[] row, float[] y, int offset) {
        if (accumulating) {
            System.arraycopy(y, offset, row, 0, outputs);
        } else {
            System.arraycopy(bias, 0, row, 0, outputs);
        }
    }

    private void startColumns(int rows, float[] y, int offset, int stride) {
        if (accumulating) {
            turn(results, y, offset, stride, rows, outputs);
            return;
        }
        for (int n = 0; n < results.length; n++) {
            Arrays.fill(results[n], 0, rows, bias[n]);
        }
    }

    private void storeRow(float[] row, float[] y, int offset) {
        if (!rectified) {
            System.arraycopy(row, 0, y, offset, outputs);
            return;
        }
        for (int n = 0; n < outputs; n++) {
            y[offset + n] = Math.max(row[n], 0.0f);
        }
    }

    /** A block of rows, the inner loop over rows: on top of what the results hold. */
    private void runColumns(float[] x, int offset, int stride, int rows) {
        for (int first = 0; first < inputs; first += DEPTH) {
            int count = Math.min(DEPTH, inputs - first);
            turn(columns, x, offset + first, stride, rows, count);
            for (int n = 0; n < results.length; n += GROUP) {
                addColumns(n, first, count, rows);
            }
        }
    }

    /** The {@code count} inputs in the columns, from {@code first} on, into four results. */
    private void addColumns(int n, int first, int count, int rows) {
        float[] w = weightColumns;
        int w0 = n * inputs + first;
        int w1 = w0 + inputs;
        int w2 = w1 + inputs;
        int w3 = w2 + inputs;
        int k = 0;
        for (; k + 1 < count; k += 2) {
            addTwo(
                    w[w0 + k],
                    w[w0 + k + 1],
                    w[w1 + k],
                    w[w1 + k + 1],
                    w[w2 + k],
                    w[w2 + k + 1],
                    w[w3 + k],
                    w[w3 + k + 1],
                    columns[k],
                    columns[k + 1],
                    results[n],
                    results[n + 1],
                    results[n + 2],
                    results[n + 3],
                    rows);
        }
        if (k < count) {
            addOne(w[w0 + k], columns[k], results[n], rows);
            addOne(w[w1 + k], columns[k], results[n + 1], rows);
            addOne(w[w2 + k], columns[k], results[n + 2], rows);
            addOne(w[w3 + k], columns[k], results[n + 3], rows);
        }
    }

    /** Two consecutive k for four results: a and b belong to y0, c and d to y1, and so on. */
    private static void addTwo(
            float a,
            float b,
            float c,
            float d,
            float e,
            float f,
            float g,
            float h,
            float[] p,
            float[] q,
            float[] y0,
            float[] y1,
            float[] y2,
            float[] y3,
            int count) {
        for (int i = 0; i < count; i++) {
            float first = p[i];
            float second = q[i];
            y0[i] = Math.fma(b, second, Math.fma(a, first, y0[i]));
            y1[i] = Math.fma(d, second, Math.fma(c, first, y1[i]));
            y2[i] = Math.fma(f, second, Math.fma(e, first, y2[i]));
            y3[i] = Math.fma(h, second, Math.fma(g, first, y3[i]));
        }
    }

    private static void addOne(float a, float[] p, float[] y, int count) {
        for (int i = 0; i < count; i++) {
            y[i] = Math.fma(a, p[i], y[i]);
        }
    }

    /** Some inputs of all rows to columns, eight rows at a time: half a cache line of each. */
    private static void turn(
            float[][] columns, float[] x, int offset, int stride, int rows, int count) {
        int row = 0;
        for (; row + 8 <= rows; row += 8) {
            int x0 = offset + row * stride;
            for (int k = 0; k < count; k++) {
                turnEight(x, x0 + k, stride, columns[k], row);
            }
        }
        for (; row < rows; row++) {
            int from = offset + row * stride;
            for (int k = 0; k < count; k++) {
                columns[k][row] = x[from + k];
            }
        }
    }

    private static void turnEight(float[] x, int from, int stride, float[] column, int row) {
        int second = from + 4 * stride;
        column[row] = x[from];
        column[row + 1] = x[from + stride];
        column[row + 2] = x[from + 2 * stride];
        column[row + 3] = x[from + 3 * stride];
        column[row + 4] = x[second];
        column[row + 5] = x[second + stride];
        column[row + 6] = x[second + 2 * stride];
        column[row + 7] = x[second + 3 * stride];
    }

    /** Columns back to rows, eight rows at a time. */
    private void storeColumns(int rows, float[] y, int offset, int stride) {
        if (rectified) {
            for (int n = 0; n < outputs; n++) {
                rectify(results[n], rows);
            }
        }
        int row = 0;
        for (; row + 8 <= rows; row += 8) {
            int y0 = offset + row * stride;
            for (int n = 0; n < outputs; n++) {
                storeEight(results[n], row, y, y0 + n, stride);
            }
        }
        for (; row < rows; row++) {
            int to = offset + row * stride;
            for (int n = 0; n < outputs; n++) {
                y[to + n] = results[n][row];
            }
        }
    }

    private static void storeEight(float[] column, int row, float[] y, int to, int stride) {
        int second = to + 4 * stride;
        y[to] = column[row];
        y[to + stride] = column[row + 1];
        y[to + 2 * stride] = column[row + 2];
        y[to + 3 * stride] = column[row + 3];
        y[second] = column[row + 4];
        y[second + stride] = column[row + 5];
        y[second + 2 * stride] = column[row + 6];
        y[second + 3 * stride] = column[row + 7];
    }

    private static void rectify(float[] values, int count) {
        for (int i = 0; i < count; i++) {
            values[i] = Math.max(values[i], 0.0f);
        }
    }
}
