package dev.millrace.gpu.engine;

import java.util.List;

/**
 * One input or output of a model as seen by one record: the model's tensor has shape {@code [rows,
 * rowShape...]}, rows contiguous, row-major.
 *
 * @param name the tensor's name in the model
 * @param type the element type in the slot's buffers
 * @param rowShape the shape without the leading row dimension; empty for one scalar per record
 * @param categories the known strings of a {@link ElementType#CATEGORY} tensor, in index order; for
 *     a numeric tensor the names of its columns where the model names them (class labels of a
 *     ZipMap), else empty
 */
public record TensorSpec(
        String name, ElementType type, List<Integer> rowShape, List<String> categories) {
    public TensorSpec {
        rowShape = List.copyOf(rowShape);
        categories = List.copyOf(categories);
        for (int dimension : rowShape) {
            if (dimension < 0) {
                throw new IllegalArgumentException(
                        "Tensor " + name + " has a free dimension beside the rows: " + rowShape);
            }
        }
    }

    public TensorSpec(String name, ElementType type, List<Integer> rowShape) {
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

    /** For people: name, type and shape of a record, and the categories where there are any. */
    @Override
    public String toString() {
        return name + " " + type + rowShape + (categories.isEmpty() ? "" : " of " + categories);
    }

    /** Size of one row in bytes. */
    public int rowBytes() {
        return Math.multiplyExact(rowElements(), type.bytes());
    }
}
