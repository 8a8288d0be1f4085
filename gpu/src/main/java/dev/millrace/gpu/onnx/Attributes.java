package dev.millrace.gpu.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.NodeProtoOrBuilder;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import java.util.List;
import java.util.Optional;

/** A node's attributes by name. */
final class Attributes {
    private Attributes() {}

    static Optional<AttributeProto> find(NodeProtoOrBuilder node, String name) {
        return node.getAttributeList().stream()
                .filter(attribute -> attribute.getName().equals(name))
                .findFirst();
    }

    static boolean has(NodeProtoOrBuilder node, String name) {
        return find(node, name).isPresent();
    }

    /** The strings of a list attribute; empty where there is none. */
    static List<String> strings(NodeProtoOrBuilder node, String name) {
        return find(node, name)
                .map(a -> a.getStringsList().stream().map(ByteString::toStringUtf8).toList())
                .orElse(List.of());
    }

    static long integer(NodeProtoOrBuilder node, String name, long otherwise) {
        return find(node, name).map(AttributeProto::getI).orElse(otherwise);
    }

    static AttributeProto of(String name, long value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeType.INT)
                .setI(value)
                .build();
    }

    static AttributeProto of(String name, List<Long> values) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeType.INTS)
                .addAllInts(values)
                .build();
    }

    static AttributeProto of(String name, TensorProto value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeType.TENSOR)
                .setT(value)
                .build();
    }

    /** A node's name and operator, for messages. */
    static String describe(NodeProtoOrBuilder node) {
        String name =
                node.getName().isEmpty() && node.getOutputCount() > 0
                        ? node.getOutput(0)
                        : node.getName();
        return "node '%s' (%s)".formatted(name, node.getOpType());
    }
}
