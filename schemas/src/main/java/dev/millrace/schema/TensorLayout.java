package dev.millrace.schema;

import java.io.Serializable;
import java.util.List;

/**
 * How one record's row of a model input or output lies in its buffer: rows contiguous, row-major,
 * row {@code r} at byte {@code r * rowBytes()}.
 *
 * @param name the tensor's name in the model
 * @param type the element type in the buffer
 * @param rowShape the shape without the leading row dimension; empty for one scalar per record
 * @param categories the known strings of a {@link TensorType#CATEGORY} tensor, in index order; for
 *     a numeric tensor the names of its columns where the model names them, else empty
 */
public record TensorLayout(
        String name, TensorType type, List<Integer> rowShape, List<String> categories)
        implements Serializable {
    public TensorLayout {
        rowShape = List.copyOf(rowShape);
        categories = List.copyOf(categories);
        for (int dimension : rowShape) {
            if (dimension < 0) {
                throw new IllegalArgumentException(
                        "Tensor " + name + " has a free dimension beside the rows: " + rowShape);
            }
        }
    }

    public TensorLayout(String name, TensorType type, List<Integer> rowShape) {
        this(name, type, rowShape, List.of());
    }

    /** Number of elements of one row. */
    public int rowElements() {
        int elements = 1;
        for (int dimension : rowShape) {
            elements = Math.multiplyExact(elements, dimension);
        }
        return elements;
    }

    /** Size of one row in bytes. */
    public int rowBytes() {
        return Math.multiplyExact(rowElements(), type.bytes());
    }

    /** Whether a row is a single value: shape [] or [1]. */
    public boolean scalar() {
        return rowShape.isEmpty() || rowShape.equals(List.of(1));
    }
}
