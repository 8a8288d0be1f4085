package dev.millrace.gpu.conformance;

import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.model.HalfFloats;
import dev.millrace.gpu.onnx.OnnxTypes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A tensor of a test: elements as they lie in a slot's buffers, or strings.
 *
 * @param type the type of the elements; {@link ElementType#CATEGORY} for strings
 * @param shape all dimensions
 * @param bytes the elements in native byte order; empty for strings
 * @param strings the elements of a string tensor; else empty
 */
record TestTensor(ElementType type, List<Integer> shape, ByteBuffer bytes, List<String> strings) {
    TestTensor {
        shape = List.copyOf(shape);
        strings = List.copyOf(strings);
    }

    /** Reads a file that holds a tensor. */
    static TestTensor read(Path file) throws IOException, RefusedException {
        return of(proto(file), file.toString());
    }

    static TensorProto proto(Path file) throws IOException, RefusedException {
        try {
            return TensorProto.parseFrom(Files.readAllBytes(file));
        } catch (InvalidProtocolBufferException e) {
            throw new RefusedException(file + " holds no tensor: " + e.getMessage(), e);
        }
    }

    static TestTensor of(TensorProto tensor, String origin) throws RefusedException {
        List<Integer> shape = tensor.getDimsList().stream().map(Math::toIntExact).toList();
        if (tensor.getDataType() == TensorProto.DataType.STRING_VALUE) {
            List<String> strings =
                    tensor.getStringDataList().stream().map(ByteString::toStringUtf8).toList();
            requireElements(origin, shape, strings.size());
            return new TestTensor(ElementType.CATEGORY, shape, ByteBuffer.allocate(0), strings);
        }
        ElementType type =
                OnnxTypes.elementType(tensor.getDataType())
                        .orElseThrow(
                                () ->
                                        new RefusedException(
                                                "%s has elements of type %s, which no engine takes"
                                                        .formatted(
                                                                origin,
                                                                OnnxTypes.name(
                                                                        tensor.getDataType()))));
        ByteBuffer bytes =
                tensor.hasRawData() ? raw(tensor.getRawData(), type) : typed(tensor, type);
        requireElements(origin, shape, bytes.capacity() / type.bytes());
        return new TestTensor(type, shape, bytes, List.of());
    }

    private static void requireElements(String origin, List<Integer> shape, int elements)
            throws RefusedException {
        int expected = shape.stream().reduce(1, Math::multiplyExact);
        if (expected != elements) {
            throw new RefusedException(
                    "%s holds %d elements for shape %s".formatted(origin, elements, shape));
        }
    }

    /** ONNX stores little-endian. */
    private static ByteBuffer raw(ByteString content, ElementType type) {
        ByteBuffer little = ByteBuffer.wrap(content.toByteArray()).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer bytes = allocate(content.size());
        for (int at = 0; at < content.size(); at += type.bytes()) {
            switch (type.bytes()) {
                case 1 -> bytes.put(at, little.get(at));
                case 2 -> bytes.putShort(at, little.getShort(at));
                case 4 -> bytes.putInt(at, little.getInt(at));
                default -> bytes.putLong(at, little.getLong(at));
            }
        }
        return bytes;
    }

    private static ByteBuffer typed(TensorProto tensor, ElementType type) {
        int count =
                switch (type) {
                    case FLOAT32 -> tensor.getFloatDataCount();
                    case FLOAT64 -> tensor.getDoubleDataCount();
                    case INT64 -> tensor.getInt64DataCount();
                    case UINT32, UINT64 -> tensor.getUint64DataCount();
                    case INT8, UINT8, INT16, UINT16, INT32, BOOL, FLOAT16, BFLOAT16, CATEGORY ->
                            tensor.getInt32DataCount();
                };
        ByteBuffer bytes = allocate(count * type.bytes());
        for (int i = 0; i < count; i++) {
            switch (type) {
                case FLOAT32 -> bytes.putFloat(4 * i, tensor.getFloatData(i));
                case FLOAT64 -> bytes.putDouble(8 * i, tensor.getDoubleData(i));
                case INT64 -> bytes.putLong(8 * i, tensor.getInt64Data(i));
                case UINT64 -> bytes.putLong(8 * i, tensor.getUint64Data(i));
                case UINT32 -> bytes.putInt(4 * i, (int) tensor.getUint64Data(i));
                case INT32, CATEGORY -> bytes.putInt(4 * i, tensor.getInt32Data(i));
                case INT16, UINT16, FLOAT16, BFLOAT16 ->
                        bytes.putShort(2 * i, (short) tensor.getInt32Data(i));
                case INT8, UINT8, BOOL -> bytes.put(i, (byte) tensor.getInt32Data(i));
            }
        }
        return bytes;
    }

    static ByteBuffer allocate(int size) {
        return ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
    }

    int elements() {
        return shape.stream().reduce(1, Math::multiplyExact);
    }

    boolean isStrings() {
        return type == ElementType.CATEGORY;
    }

    /** A number as a double: exact for all types but large 64-bit integers. */
    double number(int element) {
        return switch (type) {
            case FLOAT32 -> bytes.getFloat(4 * element);
            case FLOAT64 -> bytes.getDouble(8 * element);
            case INT8 -> bytes.get(element);
            case UINT8, BOOL -> bytes.get(element) & 0xff;
            case INT16 -> bytes.getShort(2 * element);
            case UINT16 -> bytes.getShort(2 * element) & 0xffff;
            case INT32, CATEGORY -> bytes.getInt(4 * element);
            case UINT32 -> bytes.getInt(4 * element) & 0xffffffffL;
            case INT64 -> bytes.getLong(8 * element);
            case UINT64 -> unsigned(bytes.getLong(8 * element));
            case FLOAT16 -> HalfFloats.fromFloat16(bytes.getShort(2 * element));
            case BFLOAT16 -> HalfFloats.fromBfloat16(bytes.getShort(2 * element));
        };
    }

    private static double unsigned(long bits) {
        return bits >= 0 ? bits : ((bits >>> 1) | (bits & 1)) * 2.0;
    }
}
