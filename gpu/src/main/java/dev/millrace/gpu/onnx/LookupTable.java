package dev.millrace.gpu.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.NodeProtoOrBuilder;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import dev.millrace.gpu.engine.EngineException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;

/**
 * A mapping from strings to numbers as a tensor to gather from: element 0 is the default, element i
 * + 1 belongs to string i of the vocabulary.
 */
final class LookupTable {
    private LookupTable() {}

    static TensorProto of(NodeProtoOrBuilder node, StringMapping mapping, List<String> vocabulary)
            throws EngineException {
        TensorProto values = StringMapping.numberValues(node);
        ByteBuffer elements = raw(node, values);
        int size = elements.capacity() / Math.max(1, mapping.keys().size());
        byte[] otherwise = defaultElement(node, values.getDataType());
        ByteBuffer table = ByteBuffer.allocate(size * (vocabulary.size() + 1));
        table.put(otherwise);
        for (String string : vocabulary) {
            int key = mapping.keys().indexOf(string);
            if (key < 0) {
                table.put(otherwise);
            } else {
                table.put(elements.slice(key * size, size));
            }
        }
        return TensorProto.newBuilder()
                .setDataType(values.getDataType())
                .addDims(vocabulary.size() + 1L)
                .setRawData(ByteString.copyFrom(table.array()))
                .build();
    }

    private static byte[] defaultElement(NodeProtoOrBuilder node, int type) throws EngineException {
        Optional<TensorProto> tensor =
                Attributes.find(node, "default_tensor").map(AttributeProto::getT);
        if (tensor.isPresent()) {
            return raw(node, tensor.get()).array();
        }
        TensorProto.Builder otherwise = TensorProto.newBuilder().setDataType(type);
        float real = Attributes.find(node, "default_float").map(AttributeProto::getF).orElse(-0.0f);
        long whole = Attributes.integer(node, "default_int64", -1);
        otherwise.addFloatData(real).addDoubleData(real);
        otherwise.addInt64Data(whole).addInt32Data((int) whole);
        return raw(node, otherwise.build()).array();
    }

    /** A tensor's elements as raw bytes, little-endian as ONNX has them. */
    private static ByteBuffer raw(NodeProtoOrBuilder node, TensorProto tensor)
            throws EngineException {
        if (tensor.hasRawData()) {
            return ByteBuffer.wrap(tensor.getRawData().toByteArray());
        }
        TensorProto.DataType type = TensorProto.DataType.forNumber(tensor.getDataType());
        ByteBuffer raw;
        if (type == TensorProto.DataType.FLOAT) {
            raw = allocate(tensor.getFloatDataCount(), Float.BYTES);
            tensor.getFloatDataList().forEach(raw::putFloat);
        } else if (type == TensorProto.DataType.DOUBLE) {
            raw = allocate(tensor.getDoubleDataCount(), Double.BYTES);
            tensor.getDoubleDataList().forEach(raw::putDouble);
        } else if (type == TensorProto.DataType.INT64) {
            raw = allocate(tensor.getInt64DataCount(), Long.BYTES);
            tensor.getInt64DataList().forEach(raw::putLong);
        } else if (type == TensorProto.DataType.INT32) {
            raw = allocate(tensor.getInt32DataCount(), Integer.BYTES);
            tensor.getInt32DataList().forEach(raw::putInt);
        } else if (type == TensorProto.DataType.INT16) {
            raw = allocate(tensor.getInt32DataCount(), Short.BYTES);
            tensor.getInt32DataList().forEach(value -> raw.putShort(value.shortValue()));
        } else {
            throw new EngineException(
                    EngineException.Kind.MODEL,
                    "The model's %s maps strings to %s, which is not covered"
                            .formatted(Attributes.describe(node), type));
        }
        return raw.rewind();
    }

    private static ByteBuffer allocate(int count, int bytes) {
        return ByteBuffer.allocate(count * bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
