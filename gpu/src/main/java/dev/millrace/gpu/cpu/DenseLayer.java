package dev.millrace.gpu.cpu;

/**
 * A dense layer, row by row: {@code y[n] = bias[n]}, then {@code y[n] = fma(x[k], weight[k, n],
 * y[n])} for k ascending, then max(y[n], +0) where asked for. Whatever the layout, every y[n] is
 * one chain of fused multiply-adds, so all implementations give the same bits.
 *
 * <p>Owns its scratch memory; packed weights are shared with its siblings and never written. One
 * thread at a time; a run allocates nothing but scratch arrays that a collection has moved.
 */
public interface DenseLayer {
    /**
     * Computes the layer for some rows.
     *
     * @param x inputs: those of row r start at {@code xOffset + r * xStride}, side by side
     * @param y outputs: those of row r start at {@code yOffset + r * yStride}, side by side; of an
     *     accumulating layer, they hold what the sums start from
     */
    void run(float[] x, int xOffset, int xStride, int rows, float[] y, int yOffset, int yStride);

    /**
     * Takes other weights, in the order of {@link Shape#weights}. Only for a layer without
     * siblings.
     */
    void load(float[] weights);

    /** A layer with the same weights and scratch memory of its own. Any thread may ask. */
    DenseLayer sibling();

    /**
     * What a layer is made of. Shared, never written.
     *
     * @param weights k-major: weight[k, n] at {@code k * outputs + n}
     * @param bias what sums start from; empty if the layer is accumulating: then they start from
     *     what stands in y
     * @param rectified whether max(y, +0) follows
     * @param maxRows the most rows of one run
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Shape(
            int inputs,
            int outputs,
            float[] weights,
            float[] bias,
            boolean rectified,
            int maxRows) {
        boolean accumulating() {
            return bias.length == 0;
        }
    }
}
