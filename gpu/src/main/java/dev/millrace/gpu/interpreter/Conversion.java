package dev.millrace.gpu.interpreter;

/** Conversions between kinds, and searches in sorted tables. */
final class Conversion {
    private Conversion() {}

    static float toFloat(Lane from, int index, boolean unsigned) {
        return switch (from.kind) {
            case F32 -> from.floats[index];
            case F64 -> (float) from.doubles[index];
            case I64 -> {
                long value = from.longs[index];
                if (!unsigned || value >= 0) {
                    yield value;
                }
                // Halved with the lost bit kept as sticky, so that rounding is still to nearest.
                yield (float) ((value >>> 1) | (value & 1)) * 2;
            }
        };
    }

    static double toDouble(Lane from, int index, boolean unsigned) {
        return switch (from.kind) {
            case F32 -> from.floats[index];
            case F64 -> from.doubles[index];
            case I64 -> {
                long value = from.longs[index];
                if (!unsigned || value >= 0) {
                    yield value;
                }
                yield (double) ((value >>> 1) | (value & 1)) * 2;
            }
        };
    }

    static long toLong(Lane from, int index) {
        return switch (from.kind) {
            case F32 -> (long) from.floats[index];
            case F64 -> (long) from.doubles[index];
            case I64 -> from.longs[index];
        };
    }

    static int search(float[] keys, int start, int count, float key) {
        int low = 0;
        int high = count - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            float candidate = keys[start + middle];
            if (candidate == key) {
                return middle;
            }
            if (candidate < key) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return -1;
    }

    static int search(double[] keys, int start, int count, double key) {
        int low = 0;
        int high = count - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            double candidate = keys[start + middle];
            if (candidate == key) {
                return middle;
            }
            if (candidate < key) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return -1;
    }

    static int search(long[] keys, int start, int count, long key) {
        int low = 0;
        int high = count - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            long candidate = keys[start + middle];
            if (candidate == key) {
                return middle;
            }
            if (candidate < key) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return -1;
    }
}
