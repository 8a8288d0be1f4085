package dev.millrace.gpu.testing;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import dev.millrace.gpu.engine.ModelArtifact;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Builds small ONNX models node by node. */
public final class OnnxModelBuilder {
    /** The leading dimension that stands for the rows. */
    public static final int ROWS = -1;

    private static final String ML_DOMAIN = "ai.onnx.ml";

    private final GraphProto.Builder graph = GraphProto.newBuilder();
    private int opset = 17;
    private int mlOpset = 3;

    public OnnxModelBuilder(String name) {
        graph.setName(name);
    }

    /** Versions of the standard and the ai.onnx.ml operator sets; 17 and 3 otherwise. */
    public OnnxModelBuilder opsets(int standard, int machineLearning) {
        opset = standard;
        mlOpset = machineLearning;
        return this;
    }

    /**
     * Adds an input.
     *
     * @param shape dimensions; {@link #ROWS} for the free rows, other negative numbers for further
     *     free dimensions, named {@code free2}, {@code free3} after their absolute value
     */
    public OnnxModelBuilder input(String name, TensorProto.DataType type, int... shape) {
        graph.addInput(value(name, type, shape));
        return this;
    }

    public OnnxModelBuilder output(String name, TensorProto.DataType type, int... shape) {
        graph.addOutput(value(name, type, shape));
        return this;
    }

    /** Adds an output whose shape is left to the reader. */
    public OnnxModelBuilder output(String name, TensorProto.DataType type) {
        ValueInfoProto.Builder info = ValueInfoProto.newBuilder().setName(name);
        info.getTypeBuilder().getTensorTypeBuilder().setElemType(type.getNumber());
        graph.addOutput(info);
        return this;
    }

    /** Adds an output that is a sequence of maps from string to float, as ZipMap gives. */
    public OnnxModelBuilder mapOutput(String name) {
        TypeProto.Builder map = TypeProto.newBuilder();
        map.getMapTypeBuilder()
                .setKeyType(TensorProto.DataType.STRING_VALUE)
                .getValueTypeBuilder()
                .getTensorTypeBuilder()
                .setElemType(TensorProto.DataType.FLOAT_VALUE);
        ValueInfoProto.Builder output = ValueInfoProto.newBuilder().setName(name);
        output.getTypeBuilder().getSequenceTypeBuilder().setElemType(map);
        graph.addOutput(output);
        return this;
    }

    private static ValueInfoProto value(String name, TensorProto.DataType type, int... shape) {
        TensorShapeProto.Builder dimensions = TensorShapeProto.newBuilder();
        for (int size : shape) {
            TensorShapeProto.Dimension.Builder dimension = dimensions.addDimBuilder();
            if (size == ROWS) {
                dimension.setDimParam("rows");
            } else if (size < 0) {
                dimension.setDimParam("free" + -size);
            } else {
                dimension.setDimValue(size);
            }
        }
        ValueInfoProto.Builder info = ValueInfoProto.newBuilder().setName(name);
        info.getTypeBuilder()
                .getTensorTypeBuilder()
                .setElemType(type.getNumber())
                .setShape(dimensions);
        return info.build();
    }

    public OnnxModelBuilder floats(String name, float[] values, long... shape) {
        TensorProto.Builder tensor = tensor(name, TensorProto.DataType.FLOAT, shape);
        for (float value : values) {
            tensor.addFloatData(value);
        }
        graph.addInitializer(tensor);
        return this;
    }

    public OnnxModelBuilder longs(String name, long[] values, long... shape) {
        TensorProto.Builder tensor = tensor(name, TensorProto.DataType.INT64, shape);
        for (long value : values) {
            tensor.addInt64Data(value);
        }
        graph.addInitializer(tensor);
        return this;
    }

    /** A constant of integers of up to 32 bits. */
    public OnnxModelBuilder integers(
            String name, TensorProto.DataType type, long[] values, long... shape) {
        TensorProto.Builder tensor = tensor(name, type, shape);
        for (long value : values) {
            tensor.addInt32Data((int) value);
        }
        graph.addInitializer(tensor);
        return this;
    }

    public OnnxModelBuilder strings(String name, List<String> values) {
        TensorProto.Builder tensor = tensor(name, TensorProto.DataType.STRING, values.size());
        values.forEach(value -> tensor.addStringData(ByteString.copyFromUtf8(value)));
        graph.addInitializer(tensor);
        return this;
    }

    private static TensorProto.Builder tensor(
            String name, TensorProto.DataType type, long... shape) {
        TensorProto.Builder tensor =
                TensorProto.newBuilder().setName(name).setDataType(type.getNumber());
        for (long size : shape) {
            tensor.addDims(size);
        }
        return tensor;
    }

    /** Adds a node of the standard operator set. */
    public OnnxModelBuilder node(
            String operator,
            List<String> inputs,
            List<String> outputs,
            AttributeProto... attributes) {
        graph.addNode(node("", operator, inputs, outputs, attributes));
        return this;
    }

    /** Adds a node of {@code ai.onnx.ml}. */
    public OnnxModelBuilder mlNode(
            String operator,
            List<String> inputs,
            List<String> outputs,
            AttributeProto... attributes) {
        graph.addNode(node(ML_DOMAIN, operator, inputs, outputs, attributes));
        return this;
    }

    private static NodeProto node(
            String domain,
            String operator,
            List<String> inputs,
            List<String> outputs,
            AttributeProto... attributes) {
        return NodeProto.newBuilder()
                .setName(operator + "_" + outputs.get(0))
                .setDomain(domain)
                .setOpType(operator)
                .addAllInput(inputs)
                .addAllOutput(outputs)
                .addAllAttribute(List.of(attributes))
                .build();
    }

    public static AttributeProto attribute(String name, long value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeType.INT)
                .setI(value)
                .build();
    }

    public static AttributeProto attribute(String name, float value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeType.FLOAT)
                .setF(value)
                .build();
    }

    public static AttributeProto attribute(String name, String value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeType.STRING)
                .setS(ByteString.copyFrom(value, StandardCharsets.UTF_8))
                .build();
    }

    public static AttributeProto attribute(String name, long[] values) {
        AttributeProto.Builder attribute =
                AttributeProto.newBuilder().setName(name).setType(AttributeType.INTS);
        for (long value : values) {
            attribute.addInts(value);
        }
        return attribute.build();
    }

    public static AttributeProto attribute(String name, float[] values) {
        AttributeProto.Builder attribute =
                AttributeProto.newBuilder().setName(name).setType(AttributeType.FLOATS);
        for (float value : values) {
            attribute.addFloats(value);
        }
        return attribute.build();
    }

    public static AttributeProto attribute(String name, List<String> values) {
        AttributeProto.Builder attribute =
                AttributeProto.newBuilder().setName(name).setType(AttributeType.STRINGS);
        values.forEach(value -> attribute.addStrings(ByteString.copyFromUtf8(value)));
        return attribute.build();
    }

    /** The graph alone, as the body of a branch or loop. */
    public GraphProto graph() {
        return graph.build();
    }

    /** The model's bytes. */
    public byte[] build() {
        ModelProto.Builder model = ModelProto.newBuilder().setIrVersion(8).setGraph(graph);
        model.addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(opset));
        model.addOpsetImport(
                OperatorSetIdProto.newBuilder().setDomain(ML_DOMAIN).setVersion(mlOpset));
        return model.build().toByteArray();
    }

    /** The model as version 1 of an artifact that has the graph's name. */
    public ModelArtifact artifact() {
        return new ModelArtifact(graph.getName(), "1", build(), graph.getName() + ".onnx");
    }
}
