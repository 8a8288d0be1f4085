package dev.millrace.gpu.onnx;

import dev.millrace.gpu.engine.ElementType;
import java.util.List;
import java.util.OptionalInt;

/**
 * An input or output of a model as the model declares it, after rewriting.
 *
 * @param name the tensor's name
 * @param type the element type that callers see; {@link ElementType#CATEGORY} for strings
 * @param shape the declared dimensions, empty where one is free; empty list where none is declared
 * @param categories known strings, or names of the columns; see {@link
 *     dev.millrace.gpu.engine.TensorSpec}
 */
public record OnnxValue(
        String name, ElementType type, List<OptionalInt> shape, List<String> categories) {
    public OnnxValue {
        shape = List.copyOf(shape);
        categories = List.copyOf(categories);
    }
}
