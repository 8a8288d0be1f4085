package dev.millrace.gpu.cuda;

/**
 * How many rows the device memory is for: halved when it does not suffice, doubled again after a
 * while in which it did. Engine's thread only.
 */
final class RowLimit {
    /** Submissions scored before the first attempt to grow; doubled by every refusal. */
    static final int FIRST_PATIENCE = 64;

    private static final int MOST_PATIENCE = 1 << 14;

    private final int capacity;
    private int rows;
    private int scored;
    private int patience = FIRST_PATIENCE;

    RowLimit(int capacity) {
        this.capacity = capacity;
        this.rows = capacity;
    }

    int rows() {
        return rows;
    }

    /** Halves the limit; false if it is one row already. */
    boolean halve() {
        scored = 0;
        if (rows == 1) {
            return false;
        }
        rows = rows / 2;
        return true;
    }

    /** Counts a submission that was scored; the limit may have grown afterwards. */
    void scored() {
        if (rows < capacity && ++scored >= patience) {
            scored = 0;
            rows = (int) Math.min(capacity, 2L * rows);
        }
    }

    /** There was no memory to grow; stays at what there is and asks less often. */
    void refusedToGrow(int heldRows) {
        rows = heldRows;
        scored = 0;
        patience = Math.min(MOST_PATIENCE, 2 * patience);
    }
}
