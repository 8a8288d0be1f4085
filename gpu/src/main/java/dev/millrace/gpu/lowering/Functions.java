package dev.millrace.gpu.lowering;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.FunctionProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The functions that a model defines itself: a call becomes a graph. */
final class Functions {
    private final Map<String, FunctionProto> functions = new HashMap<>();

    Functions(List<FunctionProto> functions) {
        for (FunctionProto function : functions) {
            this.functions.put(key(function.getDomain(), function.getName()), function);
        }
    }

    private static String key(String domain, String name) {
        return Operators.qualified(domain, name);
    }

    Optional<FunctionProto> find(NodeProto call) {
        return Optional.ofNullable(functions.get(key(call.getDomain(), call.getOpType())));
    }

    /** The function's nodes with the call's attributes filled in. */
    static GraphProto body(FunctionProto function, NodeProto call) {
        Map<String, AttributeProto> given = new HashMap<>();
        function.getAttributeProtoList().forEach(a -> given.put(a.getName(), a));
        call.getAttributeList().forEach(a -> given.put(a.getName(), a));
        GraphProto.Builder graph = GraphProto.newBuilder().setName(function.getName());
        for (NodeProto node : function.getNodeList()) {
            graph.addNode(filled(node, given));
        }
        for (String output : function.getOutputList()) {
            graph.addOutput(ValueInfoProto.newBuilder().setName(output));
        }
        return graph.build();
    }

    private static NodeProto filled(NodeProto node, Map<String, AttributeProto> given) {
        NodeProto.Builder filled = node.toBuilder().clearAttribute();
        for (AttributeProto attribute : node.getAttributeList()) {
            if (attribute.getRefAttrName().isEmpty()) {
                filled.addAttribute(filledWithin(attribute, given));
                continue;
            }
            AttributeProto value = given.get(attribute.getRefAttrName());
            if (value != null) {
                filled.addAttribute(value.toBuilder().setName(attribute.getName()));
            }
        }
        return filled.build();
    }

    private static AttributeProto filledWithin(
            AttributeProto attribute, Map<String, AttributeProto> given) {
        if (!attribute.hasG()) {
            return attribute;
        }
        GraphProto.Builder graph = attribute.getG().toBuilder().clearNode();
        attribute.getG().getNodeList().forEach(node -> graph.addNode(filled(node, given)));
        return attribute.toBuilder().setG(graph).build();
    }

    /** The values a call hands over, by the names that the function has for them. */
    static Map<String, Val> bindings(
            FunctionProto function, NodeProto call, Map<String, Val> scope) {
        Map<String, Val> bindings = new HashMap<>();
        Refusal.unless(
                call.getInputCount() <= function.getInputCount()
                        && call.getOutputCount() <= function.getOutputCount(),
                "it is called with more inputs or outputs than it has");
        List<String> missing = new ArrayList<>();
        for (int i = 0; i < call.getInputCount(); i++) {
            String name = call.getInput(i);
            if (!name.isEmpty()) {
                Val value = scope.get(name);
                if (value == null) {
                    missing.add(name);
                } else {
                    bindings.put(function.getInput(i), value);
                }
            }
        }
        Refusal.unless(missing.isEmpty(), "its inputs %s are not defined", missing);
        return bindings;
    }
}
