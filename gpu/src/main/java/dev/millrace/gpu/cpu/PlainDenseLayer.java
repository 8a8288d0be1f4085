package dev.millrace.gpu.cpu;

import java.util.Arrays;

/**
 * A dense layer in the loops of {@link PlainLoops}, four results at a time.
 *
 * <p>Rows are turned into columns and the inner loop runs over rows, which makes it long for layers
 * of any shape; with few rows it runs over outputs. Scratch arrays start cache lines; those that
 * the collector has moved elsewhere are made anew, which is all that a run may allocate.
 */
final class PlainDenseLayer implements DenseLayer {
    /** Most rows turned into columns at a time; from CpuComparison. */
    private static final int BLOCK = 256;

    /** Inputs whose columns stay in the first-level cache while all results take them. */
    private static final int DEPTH = 16;

    /** Fewer rows than this are not worth turning. */
    private static final int FEW_ROWS = 32;

    /** With so many outputs for each row, rows are not turned however many there are. */
    private static final int WIDE = 2;

    private static final int TURNED_ROWS = 4;
    private static final int TURNED_INPUTS = 8;

    /** Results that one inner loop computes together. */
    private static final int GROUP = 4;

    static {
        PlainLoops.rehearse();
    }

    private final int inputs;
    private final int outputs;
    private final boolean rectified;
    private final boolean accumulating;

    /** Per k the weights of all outputs. */
    private final float[][] weightRows;

    /** Groups of four outputs, the last one padded: per group and k the weights of the four. */
    private final float[] weightGroups;

    private final float[] bias;
    private final float[][] columns;
    private final float[][] results;
    private final float[][] outputRows;

    PlainDenseLayer(DenseLayer.Shape shape) {
        inputs = shape.inputs();
        outputs = shape.outputs();
        rectified = shape.rectified();
        weightRows = LineArrays.allocate(inputs, outputs);
        int padded = (outputs + GROUP - 1) / GROUP * GROUP;
        accumulating = shape.accumulating();
        bias = Arrays.copyOf(shape.bias(), padded);
        boolean needsColumns = shape.maxRows() >= FEW_ROWS;
        weightGroups = new float[needsColumns ? padded * inputs : 0];
        load(shape.weights());
        outputRows = LineArrays.allocate(GROUP, outputs);
        columns = LineArrays.allocate(needsColumns ? Math.min(DEPTH, inputs) : 0, BLOCK);
        results = LineArrays.allocate(needsColumns ? padded : 0, BLOCK);
    }

    private PlainDenseLayer(PlainDenseLayer other) {
        inputs = other.inputs;
        outputs = other.outputs;
        rectified = other.rectified;
        accumulating = other.accumulating;
        weightRows = other.weightRows;
        bias = other.bias;
        weightGroups = other.weightGroups;
        outputRows = LineArrays.allocate(GROUP, outputs);
        columns = LineArrays.allocate(other.columns.length, BLOCK);
        results = LineArrays.allocate(other.results.length, BLOCK);
    }

    @Override
    public void load(float[] weights) {
        for (int k = 0; k < inputs; k++) {
            System.arraycopy(weights, k * outputs, weightRows[k], LineArrays.LEAD, outputs);
        }
        if (weightGroups.length == 0) {
            return;
        }
        for (int n = 0; n < outputs; n++) {
            int group = n / GROUP * GROUP * inputs + n % GROUP;
            for (int k = 0; k < inputs; k++) {
                weightGroups[group + k * GROUP] = weights[k * outputs + n];
            }
        }
    }

    @Override
    public DenseLayer sibling() {
        return new PlainDenseLayer(this);
    }

    @Override
    public void run(
            float[] x, int xOffset, int xStride, int rows, float[] y, int yOffset, int yStride) {
        LineArrays.renew(outputRows);
        int row = 0;
        // The longer loop loses less to what it costs to start one.
        boolean wide = outputs >= WIDE * rows;
        if (!wide && rows >= FEW_ROWS) {
            LineArrays.renew(columns);
            LineArrays.renew(results);
        }
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
        float[][] w = weightRows;
        float[] y0 = outputRows[0];
        float[] y1 = outputRows[1];
        float[] y2 = outputRows[2];
        float[] y3 = outputRows[3];
        int end = LineArrays.end(outputs);
        int k = 0;
        for (; k + 1 < inputs; k += 2) {
            PlainLoops.addTwo(
                    x[offset + k],
                    x[offset + k + 1],
                    x[x1 + k],
                    x[x1 + k + 1],
                    x[x2 + k],
                    x[x2 + k + 1],
                    x[x3 + k],
                    x[x3 + k + 1],
                    w[k],
                    w[k + 1],
                    y0,
                    y1,
                    y2,
                    y3,
                    end);
        }
        if (k < inputs) {
            PlainLoops.addOne(x[offset + k], w[k], y0, end);
            PlainLoops.addOne(x[x1 + k], w[k], y1, end);
            PlainLoops.addOne(x[x2 + k], w[k], y2, end);
            PlainLoops.addOne(x[x3 + k], w[k], y3, end);
        }
    }

    private void startRow(float[] row, float[] y, int offset) {
        if (accumulating) {
            System.arraycopy(y, offset, row, LineArrays.LEAD, outputs);
        } else {
            System.arraycopy(bias, 0, row, LineArrays.LEAD, outputs);
        }
    }

    private void startColumns(int rows, float[] y, int offset, int stride) {
        if (accumulating) {
            turn(results, y, offset, stride, rows, outputs);
            return;
        }
        for (int n = 0; n < results.length; n++) {
            Arrays.fill(results[n], LineArrays.FIRST, LineArrays.end(rows), bias[n]);
        }
    }

    private void storeRow(float[] row, float[] y, int offset) {
        if (!rectified) {
            System.arraycopy(row, LineArrays.LEAD, y, offset, outputs);
            return;
        }
        for (int n = 0; n < outputs; n++) {
            y[offset + n] = Math.max(row[LineArrays.LEAD + n], 0.0f);
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
        float[] w = weightGroups;
        float[][] p = columns;
        float[] y0 = results[n];
        float[] y1 = results[n + 1];
        float[] y2 = results[n + 2];
        float[] y3 = results[n + 3];
        int end = LineArrays.end(rows);
        int at = n * inputs + first * GROUP;
        int k = 0;
        for (; k + 1 < count; k += 2) {
            PlainLoops.addTwo(
                    w[at], w[at + 4], w[at + 1], w[at + 5], w[at + 2], w[at + 6], w[at + 3],
                    w[at + 7], p[k], p[k + 1], y0, y1, y2, y3, end);
            at += 2 * GROUP;
        }
        if (k < count) {
            PlainLoops.addOne(w[at], p[k], y0, end);
            PlainLoops.addOne(w[at + 1], p[k], y1, end);
            PlainLoops.addOne(w[at + 2], p[k], y2, end);
            PlainLoops.addOne(w[at + 3], p[k], y3, end);
        }
    }

    /** Some inputs of all rows to columns, in blocks of four rows by eight inputs. */
    private static void turn(
            float[][] columns, float[] x, int offset, int stride, int rows, int count) {
        int row = 0;
        for (; row + TURNED_ROWS <= rows; row += TURNED_ROWS) {
            int from = offset + row * stride;
            int k = 0;
            for (; k + TURNED_INPUTS <= count; k += TURNED_INPUTS) {
                turnBlock(x, from + k, stride, columns, k, LineArrays.LEAD + row);
            }
            turnRows(columns, x, from, stride, row, row + TURNED_ROWS, k, count);
        }
        turnRows(columns, x, offset + row * stride, stride, row, rows, 0, count);
    }

    private static void turnRows(
            float[][] columns,
            float[] x,
            int offset,
            int stride,
            int firstRow,
            int lastRow,
            int firstInput,
            int lastInput) {
        int from = offset;
        for (int row = firstRow; row < lastRow; row++) {
            for (int k = firstInput; k < lastInput; k++) {
                columns[k][LineArrays.LEAD + row] = x[from + k];
            }
            from += stride;
        }
    }

    private static void turnBlock(
            float[] x, int first, int stride, float[][] columns, int k, int row) {
        float[] c0 = columns[k];
        float[] c1 = columns[k + 1];
        float[] c2 = columns[k + 2];
        float[] c3 = columns[k + 3];
        float[] c4 = columns[k + 4];
        float[] c5 = columns[k + 5];
        float[] c6 = columns[k + 6];
        float[] c7 = columns[k + 7];
        int second = first + stride;
        int third = second + stride;
        int fourth = third + stride;
        c0[row] = x[first];
        c0[row + 1] = x[second];
        c0[row + 2] = x[third];
        c0[row + 3] = x[fourth];
        c1[row] = x[first + 1];
        c1[row + 1] = x[second + 1];
        c1[row + 2] = x[third + 1];
        c1[row + 3] = x[fourth + 1];
        c2[row] = x[first + 2];
        c2[row + 1] = x[second + 2];
        c2[row + 2] = x[third + 2];
        c2[row + 3] = x[fourth + 2];
        c3[row] = x[first + 3];
        c3[row + 1] = x[second + 3];
        c3[row + 2] = x[third + 3];
        c3[row + 3] = x[fourth + 3];
        c4[row] = x[first + 4];
        c4[row + 1] = x[second + 4];
        c4[row + 2] = x[third + 4];
        c4[row + 3] = x[fourth + 4];
        c5[row] = x[first + 5];
        c5[row + 1] = x[second + 5];
        c5[row + 2] = x[third + 5];
        c5[row + 3] = x[fourth + 5];
        c6[row] = x[first + 6];
        c6[row + 1] = x[second + 6];
        c6[row + 2] = x[third + 6];
        c6[row + 3] = x[fourth + 6];
        c7[row] = x[first + 7];
        c7[row + 1] = x[second + 7];
        c7[row + 2] = x[third + 7];
        c7[row + 3] = x[fourth + 7];
    }

    /** Columns back to rows, eight rows at a time. */
    private void storeColumns(int rows, float[] y, int offset, int stride) {
        if (rectified) {
            for (int n = 0; n < outputs; n++) {
                PlainLoops.rectify(results[n], LineArrays.end(rows));
            }
        }
        int row = 0;
        for (; row + 8 <= rows; row += 8) {
            int y0 = offset + row * stride;
            for (int n = 0; n < outputs; n++) {
                storeEight(results[n], LineArrays.LEAD + row, y, y0 + n, stride);
            }
        }
        for (; row < rows; row++) {
            int to = offset + row * stride;
            for (int n = 0; n < outputs; n++) {
                y[to + n] = results[n][LineArrays.LEAD + row];
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
}
