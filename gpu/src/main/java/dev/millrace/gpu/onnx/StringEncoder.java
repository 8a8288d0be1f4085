package dev.millrace.gpu.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.millrace.gpu.engine.EngineException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Replaces every string in a model by its index in a vocabulary. Afterwards string inputs and
 * outputs are 32-bit indices, nodes work on 64-bit ones, and -1 stands for any unknown string.
 */
final class StringEncoder {
    private static final String SUFFIX = "__category";
    private static final String MACHINE_LEARNING = "ai.onnx.ml";

    /** From this version on, LabelEncoder maps integers to integers. */
    private static final long LABEL_ENCODER_OPSET = 2;

    private final ModelProto.Builder model;
    private final GraphProto.Builder graph;
    private final Vocabularies vocabularies;
    private final List<NodeProto> nodes = new ArrayList<>();

    private StringEncoder(ModelProto.Builder model, Vocabularies vocabularies) {
        this.model = model;
        this.graph = model.getGraphBuilder();
        this.vocabularies = vocabularies;
    }

    /** Rewrites a model and returns the categories of each input and output that held strings. */
    static Map<String, List<String>> encode(ModelProto.Builder model) throws EngineException {
        Vocabularies vocabularies = StringReader.read(model.getGraph());
        if (vocabularies.isEmpty()) {
            return Map.of();
        }
        return new StringEncoder(model, vocabularies).encode();
    }

    private Map<String, List<String>> encode() throws EngineException {
        Map<String, List<String>> categories = new HashMap<>();
        for (ValueInfoProto.Builder input : graph.getInputBuilderList()) {
            String name = input.getName();
            if (vocabularies.contains(name) && !isInitializer(name)) {
                categories.put(name, vocabularies.strings(name));
                setCategoryType(input);
                nodes.add(cast(name, name + SUFFIX, TensorProto.DataType.INT64));
            }
        }
        encodeInitializers();
        for (NodeProto node : graph.getNodeList()) {
            encode(node.toBuilder());
        }
        for (ValueInfoProto.Builder output : graph.getOutputBuilderList()) {
            String name = output.getName();
            if (vocabularies.contains(name)) {
                categories.put(name, vocabularies.strings(name));
                setCategoryType(output);
                nodes.add(cast(name + SUFFIX, name, TensorProto.DataType.INT32));
            }
        }
        graph.clearNode().addAllNode(nodes);
        List<ValueInfoProto> known = graph.getValueInfoList();
        graph.clearValueInfo();
        known.stream()
                .filter(value -> !vocabularies.contains(value.getName()))
                .forEach(graph::addValueInfo);
        return categories;
    }

    private boolean isInitializer(String name) {
        return graph.getInitializerList().stream().anyMatch(t -> t.getName().equals(name));
    }

    private static void setCategoryType(ValueInfoProto.Builder value) {
        value.getTypeBuilder().getTensorTypeBuilder().setElemType(TensorProto.DataType.INT32_VALUE);
    }

    private static NodeProto cast(String from, String to, TensorProto.DataType type) {
        return NodeProto.newBuilder()
                .setName("Cast_" + to)
                .setOpType("Cast")
                .addInput(from)
                .addOutput(to)
                .addAttribute(Attributes.of("to", type.getNumber()))
                .build();
    }

    private void encodeInitializers() {
        for (TensorProto.Builder tensor : graph.getInitializerBuilderList()) {
            if (vocabularies.contains(tensor.getName())) {
                encode(tensor, tensor.getName());
                tensor.setName(tensor.getName() + SUFFIX);
            }
        }
    }

    private void encode(TensorProto.Builder tensor, String name) {
        List<Long> indices = vocabularies.indices(name, StringReader.strings(tensor.build()));
        tensor.clearStringData()
                .setDataType(TensorProto.DataType.INT64_VALUE)
                .addAllInt64Data(indices);
    }

    private void encode(NodeProto.Builder node) throws EngineException {
        String operator = node.getOpType();
        boolean maps = operator.equals("LabelEncoder") || operator.equals("CategoryMapper");
        if (maps) {
            encodeMapping(node);
            return;
        }
        if (operator.equals("Constant") && vocabularies.contains(node.getOutput(0))) {
            TensorProto.Builder tensor = node.getAttribute(0).getT().toBuilder();
            encode(tensor, node.getOutput(0));
            node.clearAttribute().addAttribute(Attributes.of("value", tensor.build()));
        } else if (operator.equals("Cast") && vocabularies.contains(node.getInput(0))) {
            node.setOpType("Identity").clearAttribute();
        } else if (operator.equals("OneHotEncoder") && Attributes.has(node, "cats_strings")) {
            replace(node, "cats_strings", "cats_int64s", node.getInput(0));
        } else if (StringReader.CLASSIFIERS.contains(operator)
                && vocabularies.contains(node.getOutput(0))) {
            boolean trees = operator.equals("TreeEnsembleClassifier");
            String labels = trees ? "classlabels_int64s" : "classlabels_ints";
            replace(node, "classlabels_strings", labels, node.getOutput(0));
        }
        add(node);
    }

    /** Replaces a list of strings by the list of their indices in a tensor's vocabulary. */
    private void replace(NodeProto.Builder node, String from, String to, String tensor) {
        List<Long> indices = vocabularies.indices(tensor, Attributes.strings(node, from));
        List<AttributeProto> attributes = new ArrayList<>(node.getAttributeList());
        attributes.removeIf(a -> a.getName().equals(from) || a.getName().equals(to));
        node.clearAttribute().addAllAttribute(attributes).addAttribute(Attributes.of(to, indices));
    }

    private void encodeMapping(NodeProto.Builder node) throws EngineException {
        boolean stringInput = vocabularies.contains(node.getInput(0));
        StringMapping mapping = StringMapping.of(node, stringInput);
        if (mapping.stringKeys()) {
            encodeLookup(node, mapping);
        } else if (mapping.stringValues()) {
            encodeValues(node, mapping);
        } else {
            add(node);
        }
    }

    /**
     * From strings: the index plus one is gathered from a table whose first element is the default.
     */
    private void encodeLookup(NodeProto.Builder node, StringMapping mapping)
            throws EngineException {
        String input = node.getInput(0);
        String output = node.getOutput(0);
        NodeProto.Builder numbers = node;
        if (mapping.stringValues()) {
            numbers = withIndexValues(node, mapping);
        }
        TensorProto table = LookupTable.of(numbers, mapping, vocabularies.strings(input));
        graph.addInitializer(table.toBuilder().setName(output + "__table"));
        graph.addInitializer(
                TensorProto.newBuilder()
                        .setName(output + "__one")
                        .setDataType(TensorProto.DataType.INT64_VALUE)
                        .addInt64Data(1));
        NodeProto.Builder shift = NodeProto.newBuilder().setName(node.getName() + "__shift");
        shift.setOpType("Add").addInput(input).addInput(output + "__one");
        add(shift.addOutput(output + "__place"));
        NodeProto.Builder gather = NodeProto.newBuilder().setName(node.getName());
        gather.setOpType("Gather").addInput(output + "__table").addInput(output + "__place");
        add(gather.addOutput(output));
    }

    private NodeProto.Builder withIndexValues(NodeProto.Builder node, StringMapping mapping) {
        String output = node.getOutput(0);
        return NodeProto.newBuilder()
                .setName(node.getName())
                .setOpType("LabelEncoder")
                .addAttribute(
                        Attributes.of(
                                "values_int64s", vocabularies.indices(output, mapping.values())))
                .addAttribute(defaultIndex(output, mapping));
    }

    private AttributeProto defaultIndex(String output, StringMapping mapping) {
        long index =
                mapping.defaultString()
                        .map(value -> vocabularies.indices(output, List.of(value)).get(0))
                        .orElse(-1L);
        return Attributes.of("default_int64", index);
    }

    /** From numbers to strings: the same keys, indices as values. */
    private void encodeValues(NodeProto.Builder node, StringMapping mapping) {
        NodeProto.Builder encoder = withIndexValues(node, mapping);
        encoder.setDomain(MACHINE_LEARNING);
        encoder.addAllInput(node.getInputList()).addAllOutput(node.getOutputList());
        List<AttributeProto> keys =
                node.getAttributeList().stream()
                        .filter(a -> a.getName().startsWith("keys_"))
                        .toList();
        if (keys.isEmpty()) {
            encoder.addAttribute(Attributes.of("keys_int64s", StringMapping.integerKeys(node)));
            requireLabelEncoder();
        } else {
            encoder.addAllAttribute(keys);
        }
        if (keys.stream().anyMatch(a -> a.getName().equals("keys_tensor"))) {
            useTensors(encoder);
        }
        add(encoder);
    }

    /** Keys in a tensor ask for values and default in tensors. */
    private static void useTensors(NodeProto.Builder encoder) {
        for (AttributeProto.Builder attribute : encoder.getAttributeBuilderList()) {
            boolean values = attribute.getName().equals("values_int64s");
            if (!values && !attribute.getName().equals("default_int64")) {
                continue;
            }
            List<Long> elements =
                    values ? List.copyOf(attribute.getIntsList()) : List.of(attribute.getI());
            TensorProto tensor =
                    TensorProto.newBuilder()
                            .setDataType(TensorProto.DataType.INT64_VALUE)
                            .addDims(elements.size())
                            .addAllInt64Data(elements)
                            .build();
            attribute.clear();
            attribute.mergeFrom(Attributes.of(values ? "values_tensor" : "default_tensor", tensor));
        }
    }

    private void requireLabelEncoder() {
        for (OperatorSetIdProto.Builder opset : model.getOpsetImportBuilderList()) {
            if (opset.getDomain().equals(MACHINE_LEARNING)) {
                opset.setVersion(Math.max(LABEL_ENCODER_OPSET, opset.getVersion()));
            }
        }
    }

    /** Adds a node, its string tensors renamed: their old names belong to inputs and outputs. */
    private void add(NodeProto.Builder node) {
        for (int i = 0; i < node.getInputCount(); i++) {
            node.setInput(i, encodedName(node.getInput(i)));
        }
        for (int i = 0; i < node.getOutputCount(); i++) {
            node.setOutput(i, encodedName(node.getOutput(i)));
        }
        nodes.add(node.build());
    }

    private String encodedName(String tensor) {
        return vocabularies.contains(tensor) ? tensor + SUFFIX : tensor;
    }
}
