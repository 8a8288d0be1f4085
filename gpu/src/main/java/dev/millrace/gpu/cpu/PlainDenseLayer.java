package dev.millrace.gpu.cpu;

import java.util.Arrays;

/**
 * A dense layer in loops that HotSpot's compiler turns into vector code by itself. For that, every
 * array of the inner loop is indexed by the loop variable alone and has its own Java array: with an
 * offset added, JDK 17 falls back to scalar code, four times slower. Two k by four results is the
 * largest body it still vectorises.
 *
 * <p>With many outputs or few rows the inner loop runs over outputs; else rows are turned into
 * columns first and it runs over rows.
 */
final class PlainDenseLayer implements DenseLayer {
    /** Rows turned into columns at a time; from CpuEngineBenchmark. */
    private static final int BLOCK = 128;

    /** Outputs from which a loop over outputs is as good as one over rows. */
    private static final int MANY_OUTPUTS = 64;

    private static final int FEW_ROWS = 32;

    /** Results that one inner loop computes together. */
    private static final int GROUP = 4;

    private final int inputs;
    private final int outputs;
    private final boolean rectified;
    private final boolean overOutputs;

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
        overOutputs = outputs >= MANY_OUTPUTS;
        weightRows = new float[inputs][];
        for (int k = 0; k < inputs; k++) {
            weightRows[k] = Arrays.copyOfRange(shape.weights(), k * outputs, (k + 1) * outputs);
        }
        int padded = (outputs + GROUP - 1) / GROUP * GROUP;
        bias = Arrays.copyOf(shape.bias(), padded);
        outputRows = new float[GROUP][outputs];
        boolean needsColumns = !overOutputs && shape.maxRows() >= FEW_ROWS;
        columns = new float[needsColumns ? inputs : 0][BLOCK];
        results = new float[needsColumns ? padded : 0][BLOCK];
        weightColumns = new float[needsColumns ? padded * inputs : 0];
        if (needsColumns) {
            for (int n = 0; n < outputs; n++) {
                for (int k = 0; k < inputs; k++) {
                    weightColumns[n * inputs + k] = shape.weights()[k * outputs + n];
                }
            }
        }
    }

    @Override
    public void run(
            float[] x, int xOffset, int xStride, int rows, float[] y, int yOffset, int yStride) {
        int row = 0;
        while (!overOutputs && rows - row >= FEW_ROWS) {
            int block = Math.min(BLOCK, rows - row);
            runColumns(x, xOffset + row * xStride, xStride, block);
            storeColumns(block, y, yOffset + row * yStride, yStride);
            row += block;
        }
        for (; row < rows; row += GROUP) {
            int group = Math.min(GROUP, rows - row);
            runRows(x, xOffset + row * xStride, xStride, group);
            for (int r = 0; r < group; r++) {
                storeRow(outputRows[r], y, yOffset + (row + r) * yStride);
            }
        }
    }

    /** Up to four rows, the inner loop over outputs. Absent rows repeat the last one. */
    private void runRows(float[] x, int offset, int stride, int group) {
        int x1 = offset + Math.min(1, group - 1) * stride;
        int x2 = offset + Math.min(2, group - 1) * stride;
        int x3 = offset + Math.min(3, group - 1) * stride;
        for (float[] row : outputRows) {
            System.arraycopy(bias, 0, row, 0, outputs);
        }
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

    private void storeRow(float[] row, float[] y, int offset) {
        if (!rectified) {
            System.arraycopy(row, 0, y, offset, outputs);
            return;
        }
        for (int n = 0; n < outputs; n++) {
            y[offset + n] = Math.max(row[n], 0.0f);
        }
    }

    /** A block of rows, the inner loop over rows. */
    private void runColumns(float[] x, int offset, int stride, int rows) {
        turn(x, offset, stride, rows);
        for (int n = 0; n < results.length; n += GROUP) {
            for (int g = 0; g < GROUP; g++) {
                Arrays.fill(results[n + g], 0, rows, bias[n + g]);
            }
            addColumns(n, rows);
        }
    }

    private void addColumns(int n, int rows) {
        float[] w = weightColumns;
        int w0 = n * inputs;
        int w1 = w0 + inputs;
        int w2 = w1 + inputs;
        int w3 = w2 + inputs;
        int k = 0;
        for (; k + 1 < inputs; k += 2) {
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
        if (k < inputs) {
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

    /** Rows to columns, sixteen rows at a time: one cache line of each column. */
    private void turn(float[] x, int offset, int stride, int rows) {
        for (int first = 0; first < rows; first += 16) {
            int last = Math.min(first + 16, rows);
            for (int k = 0; k < inputs; k++) {
                float[] column = columns[k];
                int at = offset + first * stride + k;
                for (int row = first; row < last; row++) {
                    column[row] = x[at];
                    at += stride;
                }
            }
        }
    }

    private void storeColumns(int rows, float[] y, int offset, int stride) {
        for (int n = 0; n < outputs; n++) {
            float[] column = results[n];
            int at = offset + n;
            for (int row = 0; row < rows; row++) {
                y[at] = rectified ? Math.max(column[row], 0.0f) : column[row];
                at += stride;
            }
        }
    }
}
