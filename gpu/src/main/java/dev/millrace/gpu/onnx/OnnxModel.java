package dev.millrace.gpu.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.ModelArtifact;
import java.nio.BufferOverflowException;
import java.nio.BufferUnderflowException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * A model ready for a backend: maps stripped, strings encoded as 32-bit indices, free dimensions
 * filled in, inputs that are initializers left out. Names of inputs and outputs are the model's
 * own.
 *
 * @param proto the rewritten model; its outputs carry no declared shape, for exporters often
 *     declare a wrong one
 * @param inputs the inputs that a record must fill
 * @param outputs the outputs, with the shapes the exporter declared
 * @param wholeModel whether no input leaves its first dimension free: a record is then one whole
 *     set of inputs, and dimension 0 does not count rows
 */
public record OnnxModel(
        ModelProto proto, List<OnnxValue> inputs, List<OnnxValue> outputs, boolean wholeModel) {
    private static final Set<String> STANDARD_DOMAINS = Set.of("", "ai.onnx");

    /** What rewriting uses means the same in all versions from this one on. */
    private static final long STANDARD_OPSET = 13;

    /**
     * Reads and rewrites a model.
     *
     * @throws EngineException of kind MODEL, naming the node, input or output that stands in the
     *     way
     */
    public static OnnxModel read(ModelArtifact artifact, EngineOptions options)
            throws EngineException {
        ModelProto.Builder model = parse(artifact).toBuilder();
        Map<String, List<String>> columns;
        Map<String, List<String>> categories;
        try {
            columns = ZipMapRewriter.strip(model.getGraphBuilder());
            categories = StringEncoder.encode(model);
            importStandardOperators(model);
        } catch (ArithmeticException
                | IllegalArgumentException
                | IndexOutOfBoundsException
                | NoSuchElementException
                | BufferOverflowException
                | BufferUnderflowException e) {
            // Nodes without the inputs, outputs or attributes that their operators must have.
            throw new EngineException(
                    EngineException.Kind.MODEL,
                    "%s is malformed: %s".formatted(artifact.origin(), e),
                    e);
        }
        DimensionRewriter.fill(model.getGraphBuilder(), options);
        List<OnnxValue> inputs = new ArrayList<>();
        Set<String> initializers = new HashSet<>();
        model.getGraph().getInitializerList().forEach(t -> initializers.add(t.getName()));
        for (ValueInfoProto input : model.getGraph().getInputList()) {
            if (!initializers.contains(input.getName())) {
                inputs.add(describe("Input", input, categories, Map.of()));
            }
        }
        List<OnnxValue> outputs = new ArrayList<>();
        for (ValueInfoProto output : model.getGraph().getOutputList()) {
            outputs.add(describe("Output", output, categories, columns));
        }
        dropOutputShapes(model.getGraphBuilder());
        boolean wholeModel = inputs.stream().noneMatch(OnnxModel::hasFreeRows);
        if (!wholeModel) {
            requireFreeRows(inputs);
        }
        return new OnnxModel(model.build(), List.copyOf(inputs), List.copyOf(outputs), wholeModel);
    }

    /**
     * Rewriting makes nodes of standard operators, which a model of trees alone does not import.
     */
    private static void importStandardOperators(ModelProto.Builder model) {
        List<OperatorSetIdProto> imports = model.getOpsetImportList();
        boolean standard =
                imports.stream().anyMatch(each -> STANDARD_DOMAINS.contains(each.getDomain()));
        if (!imports.isEmpty() && !standard) {
            model.addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(STANDARD_OPSET));
        }
    }

    private static boolean hasFreeRows(OnnxValue input) {
        return !input.shape().isEmpty() && input.shape().get(0).isEmpty();
    }

    private static void requireFreeRows(List<OnnxValue> inputs) throws EngineException {
        for (OnnxValue input : inputs) {
            if (!hasFreeRows(input)) {
                throw new EngineException(
                        EngineException.Kind.MODEL,
                        "Input '%s' has no free first dimension for the rows, while other inputs have; export it with one, or make it a constant of the model"
                                .formatted(input.name()));
            }
        }
    }

    private static ModelProto parse(ModelArtifact artifact) throws EngineException {
        ModelProto model;
        try {
            model = ModelProto.parseFrom(artifact.content());
        } catch (InvalidProtocolBufferException e) {
            throw new EngineException(
                    EngineException.Kind.MODEL,
                    "%s is not an ONNX model (%d bytes): %s"
                            .formatted(
                                    artifact.origin(), artifact.content().length, e.getMessage()),
                    e);
        }
        if (!model.hasGraph() || model.getGraph().getOutputCount() == 0) {
            throw new EngineException(
                    EngineException.Kind.MODEL,
                    "%s is not an ONNX model (%d bytes): it has no graph with outputs"
                            .formatted(artifact.origin(), artifact.content().length));
        }
        return model;
    }

    private static OnnxValue describe(
            String role,
            ValueInfoProto value,
            Map<String, List<String>> categories,
            Map<String, List<String>> columns)
            throws EngineException {
        TypeProto type = value.getType();
        if (!type.hasTensorType()) {
            throw new EngineException(
                    EngineException.Kind.MODEL,
                    "%s '%s' is a %s; only tensors can be scored, export the model without it"
                            .formatted(
                                    role,
                                    value.getName(),
                                    type.getValueCase().name().toLowerCase(java.util.Locale.ROOT)));
        }
        int onnxType = type.getTensorType().getElemType();
        Optional<ElementType> elementType = OnnxTypes.elementType(onnxType);
        if (elementType.isEmpty()) {
            throw new EngineException(
                    EngineException.Kind.MODEL,
                    "%s '%s' has elements of type %s, which no engine takes"
                            .formatted(role, value.getName(), OnnxTypes.name(onnxType)));
        }
        List<OptionalInt> shape = new ArrayList<>();
        for (TensorShapeProto.Dimension dimension : type.getTensorType().getShape().getDimList()) {
            shape.add(
                    dimension.hasDimValue()
                            ? OptionalInt.of(extent(value, dimension.getDimValue()))
                            : OptionalInt.empty());
        }
        String name = value.getName();
        if (categories.containsKey(name)) {
            return new OnnxValue(name, ElementType.CATEGORY, shape, categories.get(name));
        }
        List<String> columnNames = columns.getOrDefault(name, List.of());
        return new OnnxValue(name, elementType.get(), shape, columnNames);
    }

    private static int extent(ValueInfoProto value, long size) throws EngineException {
        if (size < Integer.MIN_VALUE || size > Integer.MAX_VALUE) {
            throw new EngineException(
                    EngineException.Kind.MODEL,
                    "'%s' has a dimension of %d".formatted(value.getName(), size));
        }
        return (int) size;
    }

    private static void dropOutputShapes(GraphProto.Builder graph) {
        graph.getOutputBuilderList()
                .forEach(output -> output.getTypeBuilder().getTensorTypeBuilder().clearShape());
    }
}
