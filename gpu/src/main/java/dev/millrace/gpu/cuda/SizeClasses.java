package dev.millrace.gpu.cuda;

/**
 * The numbers of rows that graphs are captured for: two per doubling, so that a micro-batch copies
 * at most half as much again as it has rows.
 */
final class SizeClasses {
    private static final int SMALLEST = 32;

    private final int[] rows;

    /**
     * @param most rows of the largest class
     */
    SizeClasses(int most) {
        int[] all = new int[64];
        int count = 0;
        for (long size = SMALLEST; size < most; size *= 2) {
            all[count++] = (int) size;
            if (size + size / 2 < most) {
                all[count++] = (int) (size + size / 2);
            }
        }
        all[count++] = most;
        rows = java.util.Arrays.copyOf(all, count);
    }

    int count() {
        return rows.length;
    }

    /** Rows of a class. */
    int rows(int index) {
        return rows[index];
    }

    /** The smallest class for so many rows, which must not be more than the largest has. */
    int indexFor(int wanted) {
        int index = 0;
        while (rows[index] < wanted) {
            index++;
        }
        return index;
    }
}
