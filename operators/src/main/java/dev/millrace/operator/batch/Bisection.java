package dev.millrace.operator.batch;

import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.Slot;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Finds the rows of a failed micro-batch that the engine cannot score, with the micro-batch's own
 * slot and no other memory: parts are moved to the slot's first rows and submitted from there.
 *
 * <p>Rows are decided from the first to the last. A part that fails is halved; a single row that
 * fails is guilty. Moving a part overwrites only rows to its left, which are decided already: by
 * then their scores have been read and are kept here.
 *
 * <p>Owner's thread only. Lives from the first failure to the micro-batch's release.
 *
 * @param <R> what is read from the scores of a row
 */
public final class Bisection<R> {
    private final Slot slot;
    private final int[] inputRowBytes;
    private final Object[] results;
    private final Exception[] rejections;

    /** Parts still to be tried, the leftmost on top: first row, end row, place in the slot. */
    private int[] parts = new int[3 * 8];

    private int partCount;
    private int from;
    private int to;
    private boolean attempting;

    /**
     * @param rows rows that were submitted together and failed
     * @param inputRowBytes size of a row in each of the slot's input buffers
     */
    public Bisection(Slot slot, int rows, int[] inputRowBytes, EngineException failure) {
        this.slot = slot;
        this.inputRowBytes = inputRowBytes.clone();
        this.results = new Object[rows];
        this.rejections = new Exception[rows];
        this.to = rows;
        partFailed(failure);
    }

    /** Whether every row is decided. */
    public boolean isDone() {
        return partCount == 0 && !attempting;
    }

    /**
     * Moves the next part to the start of the slot.
     *
     * @return its number of rows: what to submit
     */
    public int nextPart() {
        if (attempting || partCount == 0) {
            throw new IllegalStateException("There is no part to try");
        }
        partCount--;
        from = parts[3 * partCount];
        to = parts[3 * partCount + 1];
        move(parts[3 * partCount + 2], to - from);
        attempting = true;
        return to - from;
    }

    /** First row of the part being tried. Its row {@code r} is row {@code r - from} in the slot. */
    public int from() {
        return from;
    }

    /** End (exclusive) of the part being tried. */
    public int to() {
        return to;
    }

    /** Keeps what was read from a row's scores. */
    public void result(int row, R result) {
        results[row] = result;
    }

    /** The part was scored and its results were handed in. */
    public void partScored() {
        attempting = false;
    }

    /** The part failed: it is halved, or its only row is guilty. */
    public void partFailed(EngineException failure) {
        attempting = false;
        int rows = to - from;
        if (rows == 1) {
            rejections[from] = failure;
            return;
        }
        int half = rows / 2;
        push(from + half, to, half);
        push(from, from + half, 0);
    }

    /** Keeps that a row's scores were read and refused. */
    public void reject(int row, Exception cause) {
        rejections[row] = cause;
    }

    /** Whether the row has no result. */
    public boolean isRejected(int row) {
        return rejections[row] != null;
    }

    /**
     * Why a rejected row has no result: an {@link EngineException} if the engine could not score
     * it.
     */
    public Exception rejection(int row) {
        return rejections[row];
    }

    /** What was read from the scores of a row that is not rejected. */
    @SuppressWarnings("unchecked")
    public R result(int row) {
        return (R) results[row];
    }

    private void push(int first, int end, int place) {
        if (3 * partCount == parts.length) {
            parts = Arrays.copyOf(parts, 2 * parts.length);
        }
        parts[3 * partCount] = first;
        parts[3 * partCount + 1] = end;
        parts[3 * partCount + 2] = place;
        partCount++;
    }

    private void move(int place, int rows) {
        if (place == 0) {
            return;
        }
        for (int input = 0; input < inputRowBytes.length; input++) {
            int rowBytes = inputRowBytes[input];
            ByteBuffer buffer = slot.input(input);
            // Source and target may overlap; the absolute bulk put copies as if by way of a copy.
            buffer.put(0, buffer, place * rowBytes, rows * rowBytes);
        }
    }
}
