package dev.millrace.gpu.lowering;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import com.google.protobuf.ByteString;
import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.model.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One node while it is lowered: its inputs, attributes and outputs.
 *
 * <p>It keeps count of what the lowering looked at. An attribute or input that nobody asked for
 * would change the result in ONNX and not here, so it is refused when the lowering is done.
 */
final class NodeContext {
    /**
     * Operators that do the same to every element along the dimension of the rows, whatever its
     * order, and that are therefore given tensors with {@link Val#rowOuter} above 1.
     */
    private static final Set<String> ORDERLESS =
            Set.of(
                    "Abs",
                    "Add",
                    "And",
                    "ArgMax",
                    "ArgMin",
                    "Cast",
                    "Ceil",
                    "Celu",
                    "Clip",
                    "Cos",
                    "Div",
                    "Dropout",
                    "Elu",
                    "Equal",
                    "Erf",
                    "Exp",
                    "Floor",
                    "Gelu",
                    "Gemm",
                    "Greater",
                    "GreaterOrEqual",
                    "HardSigmoid",
                    "HardSwish",
                    "Identity",
                    "IsInf",
                    "IsNaN",
                    "LayerNormalization",
                    "LeakyRelu",
                    "Less",
                    "LessOrEqual",
                    "Log",
                    "LogSoftmax",
                    "MatMul",
                    "Max",
                    "Mean",
                    "Min",
                    "Mish",
                    "Mod",
                    "Mul",
                    "Neg",
                    "Not",
                    "Or",
                    "PRelu",
                    "Pow",
                    "RMSNormalization",
                    "Reciprocal",
                    "ReduceL1",
                    "ReduceL2",
                    "ReduceLogSumExp",
                    "ReduceMax",
                    "ReduceMean",
                    "ReduceMin",
                    "ReduceSum",
                    "ReduceSumSquare",
                    "Relu",
                    "Round",
                    "Selu",
                    "Sigmoid",
                    "Sign",
                    "Sin",
                    "Slice",
                    "Softmax",
                    "Softplus",
                    "Softsign",
                    "Split",
                    "Sqrt",
                    "Squeeze",
                    "Sub",
                    "Sum",
                    "Tanh",
                    "ThresholdedRelu",
                    "Transpose",
                    "Unsqueeze",
                    "Where",
                    "Xor");

    private static final Set<String> HARMLESS = Set.of("consumed_inputs", "seed");

    private final NodeProto node;
    private final int version;
    private final Builder builder;
    private final GraphLowering graphs;
    private final Map<String, Val> scope;
    private final Map<String, AttributeProto> attributes = new HashMap<>();
    private final Set<String> readAttributes = new HashSet<>();
    private final Set<Integer> readInputs = new HashSet<>();
    private final Val[] outputs;

    /** {@link Val#rowOuter} of the inputs with rows; 0 while none was read. */
    private int rowOuter;

    NodeContext(
            NodeProto node,
            int version,
            Builder builder,
            GraphLowering graphs,
            Map<String, Val> scope) {
        this.node = node;
        this.version = version;
        this.builder = builder;
        this.graphs = graphs;
        this.scope = scope;
        this.outputs = new Val[node.getOutputCount()];
        for (AttributeProto attribute : node.getAttributeList()) {
            AttributeProto before = attributes.put(attribute.getName(), attribute);
            Refusal.unless(before == null, "attribute '%s' stands twice", attribute.getName());
        }
    }

    String operator() {
        return node.getOpType();
    }

    /** Version of the node's operator set: what the model imports, not the operator's own. */
    int version() {
        return version;
    }

    Builder builder() {
        return builder;
    }

    // Inputs

    int inputCount() {
        return node.getInputCount();
    }

    /** Whether an input is there: optional ones may be left out or have no name. */
    boolean has(int input) {
        return input < node.getInputCount() && !node.getInput(input).isEmpty();
    }

    /** An input that must be there. */
    Val input(int index) {
        Val value = counted(index);
        Refusal.unless(
                value.rowCounts.length == 0,
                "it computes with the number of records, which no record may depend on");
        return value;
    }

    Optional<Val> optional(int index) {
        return has(index) ? Optional.of(input(index)) : Optional.empty();
    }

    /** All inputs from an index on; none may be left out. */
    List<Val> inputsFrom(int first) {
        List<Val> inputs = new ArrayList<>();
        for (int i = first; i < node.getInputCount(); i++) {
            inputs.add(input(i));
        }
        return inputs;
    }

    /**
     * An input that may hold extents: elements of it may stand for the number of records ({@link
     * Val#rowCounts}). For operators that handle these.
     */
    Val counted(int index) {
        Val value = ordered(index);
        if (!value.hasRows()) {
            return value;
        }
        Rows.mixes(value.rowOuter > 1 && !ORDERLESS.contains(operator()));
        Rows.mixes(rowOuter > 0 && rowOuter != value.rowOuter);
        rowOuter = value.rowOuter;
        return value.withRowOuter(1);
    }

    /** An input as it is, whatever the order of rows and other elements along their dimension. */
    Val ordered(int index) {
        Refusal.unless(has(index), "input %d is missing", index);
        readInputs.add(index);
        Val value = scope.get(node.getInput(index));
        Refusal.unless(value != null, "its input '%s' is not defined", node.getInput(index));
        return value;
    }

    /** The contents of an input that must not depend on the record. */
    Tensor constant(int index, String what) {
        return builder.required(input(index), what);
    }

    /** The integers of an input that must not depend on the record. */
    long[] constantLongs(int index, String what) {
        return builder.requiredLongs(input(index), what);
    }

    /** The one integer of an input that must not depend on the record. */
    long constantLong(int index, String what) {
        long[] elements = constantLongs(index, what);
        Refusal.unless(elements.length == 1, "%s has %d elements, not 1", what, elements.length);
        return elements[0];
    }

    /** Says that an input changes nothing here. */
    void ignoreInput(int index) {
        readInputs.add(index);
    }

    /** Integers that are an attribute in old versions and a constant input in new ones. */
    Optional<long[]> integersOrInput(String attribute, int input) {
        if (hasAttribute(attribute)) {
            return integers(attribute);
        }
        return has(input) ? Optional.of(constantLongs(input, attribute)) : Optional.empty();
    }

    // Attributes

    boolean hasAttribute(String name) {
        readAttributes.add(name);
        return attributes.containsKey(name);
    }

    private Optional<AttributeProto> attribute(String name, AttributeType type) {
        readAttributes.add(name);
        AttributeProto attribute = attributes.get(name);
        if (attribute == null) {
            return Optional.empty();
        }
        AttributeType found = attribute.getType();
        Refusal.unless(
                found == type || found == AttributeType.UNDEFINED,
                "attribute '%s' is a %s, not a %s",
                name,
                found,
                type);
        return Optional.of(attribute);
    }

    long integer(String name, long otherwise) {
        return attribute(name, AttributeType.INT).map(AttributeProto::getI).orElse(otherwise);
    }

    /** An attribute that is 0 or 1. */
    boolean flag(String name, boolean otherwise) {
        return integer(name, otherwise ? 1 : 0) != 0;
    }

    float real(String name, float otherwise) {
        return attribute(name, AttributeType.FLOAT).map(AttributeProto::getF).orElse(otherwise);
    }

    String text(String name, String otherwise) {
        return attribute(name, AttributeType.STRING)
                .map(attribute -> attribute.getS().toStringUtf8())
                .orElse(otherwise);
    }

    Optional<long[]> integers(String name) {
        return attribute(name, AttributeType.INTS)
                .map(a -> a.getIntsList().stream().mapToLong(Long::longValue).toArray());
    }

    Optional<float[]> reals(String name) {
        return attribute(name, AttributeType.FLOATS)
                .map(
                        attribute -> {
                            float[] reals = new float[attribute.getFloatsCount()];
                            for (int i = 0; i < reals.length; i++) {
                                reals[i] = attribute.getFloats(i);
                            }
                            return reals;
                        });
    }

    Optional<List<String>> texts(String name) {
        return attribute(name, AttributeType.STRINGS)
                .map(a -> a.getStringsList().stream().map(ByteString::toStringUtf8).toList());
    }

    Optional<Tensor> tensor(String name) {
        return attribute(name, AttributeType.TENSOR).map(a -> TensorReader.read(a.getT()));
    }

    Optional<GraphProto> graph(String name) {
        return attribute(name, AttributeType.GRAPH).map(AttributeProto::getG);
    }

    /** An element type, given as ONNX numbers them. */
    Optional<ElementType> elementType(String name) {
        return attribute(name, AttributeType.INT)
                .map(attribute -> TensorReader.type(Math.toIntExact(attribute.getI())));
    }

    /** An axis, which may be counted from the end. */
    int axis(String name, long otherwise, int rank) {
        return Shapes.axis(integer(name, otherwise), rank);
    }

    /** Says that attributes change nothing here. */
    void ignoreAttributes(String... names) {
        readAttributes.addAll(List.of(names));
    }

    // Outputs

    int outputCount() {
        return node.getOutputCount();
    }

    /** Whether the model uses an output. */
    boolean wants(int index) {
        return index < outputs.length && !node.getOutput(index).isEmpty();
    }

    /** Gives the first output. */
    void output(Val value) {
        output(0, value);
    }

    /** Gives an output; nothing happens if the model does not use it. */
    void output(int index, Val value) {
        if (wants(index)) {
            outputs[index] = value;
        }
    }

    /** The outputs by name, once everything the node says has been heard. */
    Map<String, Val> finish() {
        for (String name : attributes.keySet()) {
            Refusal.unless(
                    readAttributes.contains(name) || HARMLESS.contains(name),
                    "attribute '%s' is not covered",
                    name);
        }
        for (int i = 0; i < node.getInputCount(); i++) {
            Refusal.unless(
                    !has(i) || readInputs.contains(i),
                    "input %d ('%s') is not covered",
                    i,
                    node.getInput(i));
        }
        Map<String, Val> named = new HashMap<>();
        for (int i = 0; i < outputs.length; i++) {
            if (wants(i)) {
                Refusal.unless(
                        outputs[i] != null,
                        "output %d ('%s') is not covered",
                        i,
                        node.getOutput(i));
                named.put(node.getOutput(i), reordered(outputs[i]));
            }
        }
        return named;
    }

    /** An output with the order of the inputs' rows. */
    private Val reordered(Val output) {
        if (rowOuter <= 1) {
            return output;
        }
        Rows.mixes(!output.hasRows() || output.shape[output.rowAxis] % rowOuter != 0);
        return output.withRowOuter(rowOuter);
    }

    // Graphs within

    /** Lowers a graph that the node holds; it sees the tensors around the node. */
    List<Val> lower(GraphProto graph, Map<String, Val> bindings) {
        Map<String, Val> inner = new HashMap<>(scope);
        inner.putAll(bindings);
        return graphs.lower(graph, inner);
    }
}
