package dev.millrace.gpu.onnxruntime;

import dev.millrace.gpu.engine.Exactness;
import java.util.List;

/**
 * The numbers of rows in which a model is run. A micro-batch is cut into blocks of the largest
 * shape; what is left over is padded to the next shape, or run as it is.
 *
 * @param shapes numbers of rows, ascending
 * @param padded whether a remainder is padded to the next shape; where not, scores may depend on
 *     the micro-batch
 * @param exactness what can be promised this way
 * @param finding what was found when the model was opened, for people
 */
record BatchShapes(List<Integer> shapes, boolean padded, Exactness exactness, String finding) {
    BatchShapes {
        shapes = List.copyOf(shapes);
    }

    /** Every micro-batch in the shape it has. */
    static BatchShapes unpadded(int largest, String finding) {
        return new BatchShapes(List.of(largest), false, Exactness.NONE, finding);
    }

    int largest() {
        return shapes.get(shapes.size() - 1);
    }

    /**
     * Rows to compute for the sake of so many.
     *
     * @param rows in 1..largest
     */
    int shapeFor(int rows) {
        if (!padded) {
            return rows;
        }
        for (int i = 0; i < shapes.size(); i++) {
            if (shapes.get(i) >= rows) {
                return shapes.get(i);
            }
        }
        throw new IllegalArgumentException(rows + " rows exceed the largest shape " + largest());
    }

    /** Rows of memory that submissions of up to {@code capacity} rows need, padding included. */
    int memoryRows(int capacity) {
        int remainder = capacity % largest();
        return capacity - remainder + (remainder == 0 ? 0 : shapeFor(remainder));
    }
}
