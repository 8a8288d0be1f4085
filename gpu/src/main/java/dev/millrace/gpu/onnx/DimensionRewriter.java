package dev.millrace.gpu.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.EngineOptions;
import java.util.HashSet;
import java.util.OptionalInt;
import java.util.Set;

/** Gives the free dimensions of the inputs, other than the rows, the sizes that the user chose. */
final class DimensionRewriter {
    private static final String ROWS = "millrace_rows";

    private final EngineOptions options;
    private final Set<String> used = new HashSet<>();

    private DimensionRewriter(EngineOptions options) {
        this.options = options;
    }

    static void fill(GraphProto.Builder graph, EngineOptions options) throws EngineException {
        DimensionRewriter rewriter = new DimensionRewriter(options);
        Set<String> initializers = new HashSet<>();
        graph.getInitializerList().forEach(tensor -> initializers.add(tensor.getName()));
        for (ValueInfoProto.Builder input : graph.getInputBuilderList()) {
            if (!initializers.contains(input.getName()) && input.getType().hasTensorType()) {
                rewriter.fill(input);
            }
        }
        rewriter.refuseUnused();
    }

    private void fill(ValueInfoProto.Builder input) throws EngineException {
        if (!input.getType().getTensorType().hasShape()) {
            throw model(
                    "Input '%s' declares no shape; export the model with its input shapes"
                            .formatted(input.getName()));
        }
        TensorShapeProto.Builder shape =
                input.getTypeBuilder().getTensorTypeBuilder().getShapeBuilder();
        if (shape.getDimCount() == 0) {
            return;
        }
        if (!shape.getDim(0).hasDimValue() || shape.getDim(0).getDimValue() < 0) {
            shape.getDimBuilder(0).clearDimValue().setDimParam(ROWS);
        }
        for (int axis = 1; axis < shape.getDimCount(); axis++) {
            TensorShapeProto.Dimension.Builder dimension = shape.getDimBuilder(axis);
            if (!dimension.hasDimValue() || dimension.getDimValue() < 0) {
                dimension.setDimValue(chosenSize(input.getName(), axis, dimension.getDimParam()));
            }
        }
    }

    private int chosenSize(String input, int axis, String name) throws EngineException {
        String fallbackName = input + "." + axis;
        for (String candidate : new String[] {fallbackName, name}) {
            OptionalInt size =
                    candidate.isEmpty() ? OptionalInt.empty() : options.dimension(candidate);
            if (size.isPresent()) {
                used.add(candidate);
                return size.getAsInt();
            }
        }
        throw model(
                "Dimension %d of input '%s' is free in the model; set %s%s to its size"
                        .formatted(
                                axis,
                                input,
                                EngineOptions.DIMENSION_PREFIX,
                                name.isEmpty() ? fallbackName : name));
    }

    private void refuseUnused() throws EngineException {
        for (String key : options.properties().keySet()) {
            if (key.startsWith(EngineOptions.DIMENSION_PREFIX)
                    && !used.contains(key.substring(EngineOptions.DIMENSION_PREFIX.length()))) {
                throw model("%s names no free dimension of the model's inputs".formatted(key));
            }
        }
    }

    private static EngineException model(String message) {
        return new EngineException(EngineException.Kind.MODEL, message);
    }
}
