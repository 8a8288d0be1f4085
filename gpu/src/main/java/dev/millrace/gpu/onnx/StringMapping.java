package dev.millrace.gpu.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.NodeProtoOrBuilder;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * What a {@code LabelEncoder} (any version) or {@code CategoryMapper} maps, where strings are
 * involved.
 *
 * @param stringKeys whether the keys are strings
 * @param keys the string keys, in order; empty where the keys are numbers
 * @param stringValues whether the values are strings
 * @param values the string values, in order; empty where the values are numbers
 * @param defaultString what an unknown key becomes, where the node says so
 */
record StringMapping(
        boolean stringKeys,
        List<String> keys,
        boolean stringValues,
        List<String> values,
        Optional<String> defaultString) {

    /**
     * @param stringInput whether the node's input holds strings: some versions tell their direction
     *     by it
     */
    static StringMapping of(NodeProtoOrBuilder node, boolean stringInput) {
        Optional<String> defaultString = defaultString(node);
        String classes =
                node.getOpType().equals("CategoryMapper") ? "cats_strings" : "classes_strings";
        if (Attributes.has(node, classes)) {
            List<String> strings = Attributes.strings(node, classes);
            return new StringMapping(
                    stringInput,
                    stringInput ? strings : List.of(),
                    !stringInput,
                    stringInput ? List.of() : strings,
                    defaultString);
        }
        Optional<List<String>> keys = strings(node, "keys");
        Optional<List<String>> values = strings(node, "values");
        return new StringMapping(
                keys.isPresent(),
                keys.orElse(List.of()),
                values.isPresent(),
                values.orElse(List.of()),
                defaultString);
    }

    private static Optional<String> defaultString(NodeProtoOrBuilder node) {
        Optional<String> tensor =
                Attributes.find(node, "default_tensor")
                        .map(AttributeProto::getT)
                        .filter(t -> t.getStringDataCount() == 1)
                        .map(t -> t.getStringData(0).toStringUtf8());
        return tensor.isPresent()
                ? tensor
                : Attributes.find(node, "default_string").map(a -> a.getS().toStringUtf8());
    }

    private static Optional<List<String>> strings(NodeProtoOrBuilder node, String side) {
        if (Attributes.has(node, side + "_strings")) {
            return Optional.of(Attributes.strings(node, side + "_strings"));
        }
        return Attributes.find(node, side + "_tensor")
                .map(AttributeProto::getT)
                .filter(tensor -> tensor.getDataType() == TensorProto.DataType.STRING_VALUE)
                .map(StringReader::strings);
    }

    /** The number keys of a mapping from numbers to strings, in order. */
    static List<Long> integerKeys(NodeProtoOrBuilder node) {
        if (node.getOpType().equals("CategoryMapper")) {
            return Attributes.find(node, "cats_int64s").orElseThrow().getIntsList();
        }
        int classes = Attributes.strings(node, "classes_strings").size();
        return LongStream.range(0, classes).boxed().toList();
    }

    /**
     * The values of a mapping from strings, as a tensor of one element per key. Strings are left to
     * the caller.
     */
    static TensorProto numberValues(NodeProtoOrBuilder node) {
        TensorProto.Builder tensor = TensorProto.newBuilder();
        if (Attributes.has(node, "values_tensor")) {
            return Attributes.find(node, "values_tensor").orElseThrow().getT();
        }
        if (Attributes.has(node, "values_floats")) {
            List<Float> floats =
                    Attributes.find(node, "values_floats").orElseThrow().getFloatsList();
            return tensor.setDataType(TensorProto.DataType.FLOAT_VALUE)
                    .addDims(floats.size())
                    .addAllFloatData(floats)
                    .build();
        }
        List<Long> integers =
                Attributes.has(node, "values_int64s")
                        ? Attributes.find(node, "values_int64s").orElseThrow().getIntsList()
                        : integerKeys(node);
        return tensor.setDataType(TensorProto.DataType.INT64_VALUE)
                .addDims(integers.size())
                .addAllInt64Data(integers)
                .build();
    }
}
