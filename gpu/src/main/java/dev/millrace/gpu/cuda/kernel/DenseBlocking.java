package dev.millrace.gpu.cuda.kernel;

import java.util.Optional;

/**
 * How the threads of a block share a dense layer for a tile of rows: each has some rows times some
 * outputs in registers, and weights pass through shared memory a few inputs at a time.
 *
 * @param rowBlock rows of one item of work
 * @param outputBlock outputs of one item
 * @param rowGroups items side by side over the tile's rows
 * @param outputGroups items side by side over the outputs
 * @param items of one thread
 * @param chunk inputs whose weights are in shared memory at once
 */
record DenseBlocking(
        int rowBlock, int outputBlock, int rowGroups, int outputGroups, int items, int chunk) {
    /**
     * Sums that one thread holds: 64 spilled registers (RealCompilerTest), with two blocks each.
     */
    private static final int MOST_SUMS = 32;

    private static final int CHUNK_BYTES = 16 << 10;
    private static final int MOST_CHUNK = 32;

    /** Empty where a thread would have to hold too many sums. */
    static Optional<DenseBlocking> of(DenseShape shape, int tileRows, int threads) {
        int outputBlock = shape.outputs() >= 4 ? 4 : 1;
        int outputGroups = (shape.outputs() + outputBlock - 1) / outputBlock;
        int rowBlock = Math.min(8, tileRows);
        while (rowBlock > 1 && tileRows / rowBlock * outputGroups < threads) {
            rowBlock /= 2;
        }
        int rowGroups = tileRows / rowBlock;
        int items = (rowGroups * outputGroups + threads - 1) / threads;
        if (items * rowBlock * outputBlock > MOST_SUMS) {
            return Optional.empty();
        }
        int chunk = CHUNK_BYTES / (Float.BYTES * outputBlock * outputGroups);
        return Optional.of(
                new DenseBlocking(
                        rowBlock,
                        outputBlock,
                        rowGroups,
                        outputGroups,
                        items,
                        Math.max(1, Math.min(Math.min(chunk, MOST_CHUNK), shape.length()))));
    }

    /** Floats from the weights of one input to those of the next. */
    int weightStride() {
        return outputBlock * outputGroups;
    }

    /** Rounded up, so that what follows is aligned. */
    int weightBytes() {
        int bytes = Float.BYTES * chunk * weightStride();
        return (bytes + SharedLayout.ALIGNMENT - 1)
                / SharedLayout.ALIGNMENT
                * SharedLayout.ALIGNMENT;
    }
}
