package dev.millrace.gpu.conformance;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.millrace.gpu.engine.ModelArtifact;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A test's model, with the inputs of one data set: what an engine is given. Inputs may become
 * constants of the model, for some operators need one where the test has an input.
 *
 * @param name for the artifact
 * @param origin the model's file
 * @param proto the model
 * @param inputs values by input name, without those that became constants
 */
record TestModel(String name, String origin, ModelProto proto, Map<String, TensorProto> inputs) {
    TestModel {
        inputs = new LinkedHashMap<>(inputs);
    }

    /**
     * Gives a data set's inputs to a model, in the model's order.
     *
     * @throws RefusedException if they do not belong together
     */
    static TestModel of(String name, String origin, ModelProto model, List<TensorProto> values)
            throws RefusedException {
        GraphProto graph = model.getGraph();
        if (values.size() > graph.getInputCount()) {
            throw new RefusedException(
                    "%d inputs for a model of %d".formatted(values.size(), graph.getInputCount()));
        }
        Map<String, TensorProto> inputs = new LinkedHashMap<>();
        List<String> constants = new ArrayList<>();
        ModelProto.Builder shaped = model.toBuilder();
        for (int i = 0; i < values.size(); i++) {
            ValueInfoProto input = graph.getInput(i);
            if (!input.getType().hasTensorType()) {
                throw new RefusedException(
                        "input '%s' is a %s, not a tensor"
                                .formatted(input.getName(), input.getType().getValueCase()));
            }
            inputs.put(input.getName(), values.get(i));
            boolean overridden =
                    graph.getInitializerList().stream()
                            .anyMatch(constant -> constant.getName().equals(input.getName()));
            // A dimension of 0 would be taken for a free one, and no rows make no micro-batch.
            if (overridden || values.get(i).getDimsList().contains(0L)) {
                constants.add(input.getName());
            }
            if (!input.getType().getTensorType().hasShape()) {
                declare(shaped.getGraphBuilder().getInputBuilder(i), values.get(i));
            }
        }
        TestModel test = new TestModel(name, origin, shaped.build(), inputs);
        for (String constant : constants) {
            test = test.withConstant(constant);
        }
        return test;
    }

    private static void declare(ValueInfoProto.Builder input, TensorProto value) {
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
        value.getDimsList().forEach(size -> shape.addDimBuilder().setDimValue(size));
        input.getTypeBuilder().getTensorTypeBuilder().setShape(shape);
    }

    /** The same with one input made a constant of the model. */
    TestModel withConstant(String input) {
        ModelProto.Builder model = proto.toBuilder();
        GraphProto.Builder graph = model.getGraphBuilder();
        List<ValueInfoProto> others =
                graph.getInputList().stream().filter(i -> !i.getName().equals(input)).toList();
        List<TensorProto> constants =
                graph.getInitializerList().stream()
                        .filter(constant -> !constant.getName().equals(input))
                        .toList();
        graph.clearInput().addAllInput(others);
        graph.clearInitializer().addAllInitializer(constants);
        graph.addInitializer(inputs.get(input).toBuilder().setName(input));
        Map<String, TensorProto> rest = new LinkedHashMap<>(inputs);
        rest.remove(input);
        return new TestModel(name, origin, model.build(), rest);
    }

    /** The first input of whole numbers: likely a shape, an axis, a count. */
    Optional<String> integerInput() {
        return inputs.entrySet().stream()
                .filter(e -> e.getValue().getDataType() == TensorProto.DataType.INT64_VALUE)
                .map(Map.Entry::getKey)
                .findFirst();
    }

    /** Sizes for all dimensions that the model leaves free beside the first, as engine options. */
    Map<String, String> dimensionProperties(String prefix) {
        Map<String, String> properties = new LinkedHashMap<>();
        for (ValueInfoProto input : proto.getGraph().getInputList()) {
            TensorProto value = inputs.get(input.getName());
            TensorShapeProto shape = input.getType().getTensorType().getShape();
            for (int axis = 1; axis < shape.getDimCount() && value != null; axis++) {
                if (!shape.getDim(axis).hasDimValue() && axis < value.getDimsCount()) {
                    properties.put(
                            prefix + input.getName() + "." + axis,
                            Long.toString(value.getDims(axis)));
                }
            }
        }
        return properties;
    }

    ModelArtifact artifact() {
        return new ModelArtifact(name, "test", proto.toByteArray(), origin);
    }
}
