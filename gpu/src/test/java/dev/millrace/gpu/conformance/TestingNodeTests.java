package dev.millrace.gpu.conformance;

import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Writes node tests into a folder, laid out as the ONNX project does. */
final class TestingNodeTests {
    private TestingNodeTests() {}

    static void write(
            Path folder,
            String name,
            byte[] model,
            List<TensorProto> inputs,
            List<TensorProto> outputs)
            throws IOException {
        Path data = Files.createDirectories(folder.resolve(name).resolve("test_data_set_0"));
        Files.write(folder.resolve(name).resolve("model.onnx"), model);
        for (int i = 0; i < inputs.size(); i++) {
            Files.write(data.resolve("input_" + i + ".pb"), inputs.get(i).toByteArray());
        }
        for (int i = 0; i < outputs.size(); i++) {
            Files.write(data.resolve("output_" + i + ".pb"), outputs.get(i).toByteArray());
        }
    }

    static TensorProto floats(List<Integer> shape, float... values) {
        TensorProto.Builder tensor = tensor(TensorProto.DataType.FLOAT, shape);
        for (float value : values) {
            tensor.addFloatData(value);
        }
        return tensor.build();
    }

    static TensorProto longs(List<Integer> shape, long... values) {
        TensorProto.Builder tensor = tensor(TensorProto.DataType.INT64, shape);
        for (long value : values) {
            tensor.addInt64Data(value);
        }
        return tensor.build();
    }

    static TensorProto strings(List<Integer> shape, String... values) {
        TensorProto.Builder tensor = tensor(TensorProto.DataType.STRING, shape);
        for (String value : values) {
            tensor.addStringData(ByteString.copyFromUtf8(value));
        }
        return tensor.build();
    }

    /** A tensor as a file of a node test holds it. */
    static TensorProto proto(TestTensor tensor) {
        if (tensor.isStrings()) {
            return strings(tensor.shape(), tensor.strings().toArray(new String[0]));
        }
        DataType type =
                switch (tensor.type()) {
                    case FLOAT32 -> DataType.FLOAT;
                    case INT16 -> DataType.INT16;
                    case INT64 -> DataType.INT64;
                    default -> throw new IllegalArgumentException("Not for tests: " + tensor);
                };
        return tensor(type, tensor.shape())
                .setRawData(ByteString.copyFrom(tensor.bytes().duplicate()))
                .build();
    }

    private static TensorProto.Builder tensor(TensorProto.DataType type, List<Integer> shape) {
        TensorProto.Builder tensor = TensorProto.newBuilder().setDataType(type.getNumber());
        shape.forEach(tensor::addDims);
        return tensor;
    }
}
