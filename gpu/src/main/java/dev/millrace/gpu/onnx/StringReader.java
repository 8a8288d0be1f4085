package dev.millrace.gpu.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProtoOrBuilder;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import dev.millrace.gpu.engine.EngineException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Finds the tensors of a graph that hold strings, and which strings these can be. */
final class StringReader {
    /** Operators that move strings from their first input to their outputs. */
    static final Set<String> MOVE_FIRST =
            Set.of(
                    "Identity",
                    "Reshape",
                    "Squeeze",
                    "Unsqueeze",
                    "Flatten",
                    "Transpose",
                    "Slice",
                    "Split",
                    "Gather",
                    "Expand",
                    "Tile",
                    "ArrayFeatureExtractor");

    static final Set<String> CLASSIFIERS =
            Set.of("TreeEnsembleClassifier", "LinearClassifier", "SVMClassifier");

    private final Vocabularies vocabularies = new Vocabularies();
    private final List<String> constants = new ArrayList<>();

    private StringReader() {}

    static Vocabularies read(GraphProtoOrBuilder graph) throws EngineException {
        StringReader reader = new StringReader();
        graph.getInputList().stream()
                .filter(
                        input ->
                                input.getType().getTensorType().getElemType()
                                        == TensorProto.DataType.STRING_VALUE)
                .forEach(input -> reader.vocabularies.add(input.getName(), List.of()));
        for (TensorProto tensor : graph.getInitializerList()) {
            if (tensor.getDataType() == TensorProto.DataType.STRING_VALUE) {
                reader.addConstant(tensor.getName(), strings(tensor));
            }
        }
        for (NodeProto node : graph.getNodeList()) {
            reader.read(node);
        }
        return reader.vocabularies;
    }

    static List<String> strings(TensorProto tensor) {
        return tensor.getStringDataList().stream().map(ByteString::toStringUtf8).toList();
    }

    private void addConstant(String tensor, List<String> strings) {
        vocabularies.add(tensor, strings);
        constants.add(tensor);
    }

    private void read(NodeProto node) throws EngineException {
        refuseStringsInSubgraphs(node);
        String operator = node.getOpType();
        if (operator.equals("Constant")) {
            readConstant(node);
        } else if (CLASSIFIERS.contains(operator)) {
            readClassifier(node);
        } else if (operator.equals("LabelEncoder") || operator.equals("CategoryMapper")) {
            readMapping(node);
        } else if (node.getInputList().stream().anyMatch(vocabularies::contains)) {
            readConsumer(node);
        } else if (operator.equals("Cast")
                && Attributes.integer(node, "to", 0) == TensorProto.DataType.STRING_VALUE) {
            throw refuse(node, "makes strings of numbers");
        }
    }

    private void readConstant(NodeProto node) {
        for (AttributeProto attribute : node.getAttributeList()) {
            if (attribute.getT().getDataType() == TensorProto.DataType.STRING_VALUE) {
                addConstant(node.getOutput(0), strings(attribute.getT()));
            }
        }
    }

    private void readClassifier(NodeProto node) throws EngineException {
        if (vocabularies.contains(node.getInput(0))) {
            throw refuse(node, "takes strings as features");
        }
        List<String> labels = Attributes.strings(node, "classlabels_strings");
        if (!labels.isEmpty()) {
            vocabularies.add(node.getOutput(0), labels);
        }
    }

    private void readMapping(NodeProto node) throws EngineException {
        StringMapping mapping = StringMapping.of(node, vocabularies.contains(node.getInput(0)));
        if (mapping.stringKeys() != vocabularies.contains(node.getInput(0))) {
            throw refuse(node, "has keys of another type than its input");
        }
        if (mapping.stringKeys()) {
            vocabularies.add(node.getInput(0), mapping.keys());
        }
        if (mapping.stringValues()) {
            vocabularies.add(node.getOutput(0), mapping.values());
            mapping.defaultString()
                    .ifPresent(value -> vocabularies.add(node.getOutput(0), List.of(value)));
        }
    }

    private void readConsumer(NodeProto node) throws EngineException {
        String operator = node.getOpType();
        if (MOVE_FIRST.contains(operator)) {
            node.getOutputList().forEach(output -> vocabularies.unite(node.getInput(0), output));
        } else if (operator.equals("Concat")) {
            node.getInputList().forEach(input -> vocabularies.unite(node.getInput(0), input));
            vocabularies.unite(node.getInput(0), node.getOutput(0));
        } else if (operator.equals("Where")) {
            vocabularies.unite(node.getInput(1), node.getInput(2));
            vocabularies.unite(node.getInput(1), node.getOutput(0));
        } else if (operator.equals("OneHotEncoder")) {
            vocabularies.add(node.getInput(0), Attributes.strings(node, "cats_strings"));
        } else if (operator.equals("Equal")) {
            if (node.getInputList().stream().noneMatch(constants::contains)) {
                throw refuse(node, "compares two strings that are not known beforehand");
            }
            vocabularies.unite(node.getInput(0), node.getInput(1));
        } else if (operator.equals("Cast")
                && Attributes.integer(node, "to", 0) == TensorProto.DataType.STRING_VALUE) {
            vocabularies.unite(node.getInput(0), node.getOutput(0));
        } else {
            throw refuse(node, "computes with strings");
        }
    }

    private void refuseStringsInSubgraphs(NodeProto node) throws EngineException {
        for (AttributeProto attribute : node.getAttributeList()) {
            if (!attribute.hasG()) {
                continue;
            }
            for (NodeProto inner : attribute.getG().getNodeList()) {
                if (inner.getInputList().stream().anyMatch(vocabularies::contains)) {
                    throw refuse(node, "uses strings inside its subgraph");
                }
            }
        }
    }

    private static EngineException refuse(NodeProto node, String what) {
        return new EngineException(
                EngineException.Kind.MODEL,
                "The model's %s %s, which cannot be expressed with category indices; encode the strings before the model"
                        .formatted(Attributes.describe(node), what));
    }
}
