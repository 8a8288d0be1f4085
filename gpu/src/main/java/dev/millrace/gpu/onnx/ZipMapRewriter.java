package dev.millrace.gpu.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Turns the maps that scikit-learn's exporter puts at the end of a classifier back into the tensor
 * of probabilities they were made from: {@code ZipMap} becomes {@code Identity}.
 */
final class ZipMapRewriter {
    private ZipMapRewriter() {}

    /** Returns, for each output that was a map, the class labels: the names of its columns. */
    static Map<String, List<String>> strip(GraphProto.Builder graph) {
        Map<String, List<String>> columns = new HashMap<>();
        for (NodeProto.Builder node : graph.getNodeBuilderList()) {
            if (!node.getOpType().equals("ZipMap")) {
                continue;
            }
            columns.put(node.getOutput(0), labels(node));
            node.setOpType("Identity").clearDomain().clearAttribute();
        }
        for (ValueInfoProto.Builder output : graph.getOutputBuilderList()) {
            if (columns.containsKey(output.getName())) {
                TypeProto.Tensor.Builder tensor = TypeProto.Tensor.newBuilder();
                tensor.setElemType(TensorProto.DataType.FLOAT_VALUE);
                output.setType(TypeProto.newBuilder().setTensorType(tensor));
            }
        }
        return columns;
    }

    private static List<String> labels(NodeProto.Builder zipMap) {
        List<String> labels = new ArrayList<>();
        for (AttributeProto attribute : zipMap.getAttributeList()) {
            if (attribute.getName().equals("classlabels_strings")) {
                attribute.getStringsList().forEach(label -> labels.add(label.toStringUtf8()));
            } else if (attribute.getName().equals("classlabels_int64s")) {
                attribute.getIntsList().forEach(label -> labels.add(label.toString()));
            }
        }
        return labels;
    }
}
