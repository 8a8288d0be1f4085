package dev.millrace.gpu.lowering;

import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.model.HalfFloats;
import dev.millrace.gpu.model.ScalarKind;
import dev.millrace.gpu.model.Storage;
import dev.millrace.gpu.model.Tensor;
import dev.millrace.gpu.onnx.OnnxTypes;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Reads the constants of a model file, which is not to be trusted. */
final class TensorReader {
    private TensorReader() {}

    static Tensor read(TensorProto tensor) {
        Refusal.unless(
                tensor.getExternalDataCount() == 0
                        && tensor.getDataLocation() != TensorProto.DataLocation.EXTERNAL,
                "constant '%s' lies in another file; export the model into one file",
                tensor.getName());
        ElementType type = type(tensor.getDataType());
        int[] shape = new int[tensor.getDimsCount()];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = Shapes.extent(tensor.getDims(i));
        }
        int elements = Shapes.elements(shape);
        List<Integer> dimensions = Shapes.boxed(shape);
        if (tensor.hasRawData() && !tensor.getRawData().isEmpty()) {
            return raw(tensor, type, elements, dimensions);
        }
        return switch (ScalarKind.of(type)) {
            case F32 -> Tensor.of(type, dimensions, floats(tensor, type, elements));
            case F64 -> Tensor.of(type, dimensions, doubles(tensor, elements));
            case I64 -> Tensor.of(type, dimensions, longs(tensor, type, elements));
        };
    }

    /** Our type for an element type of ONNX. */
    static ElementType type(int onnxType) {
        return OnnxTypes.elementType(onnxType)
                .orElseThrow(
                        () ->
                                new Refusal(
                                        "elements of type %s are not covered"
                                                .formatted(OnnxTypes.name(onnxType))));
    }

    /** Our type for the name of an element type of ONNX. */
    static ElementType type(String name) {
        for (TensorProto.DataType type : TensorProto.DataType.values()) {
            if (type.name().equals(name)) {
                return type(type.getNumber());
            }
        }
        throw new Refusal("'%s' is no element type".formatted(name));
    }

    private static Tensor raw(
            TensorProto tensor, ElementType type, int elements, List<Integer> shape) {
        ByteString data = tensor.getRawData();
        requireCount(tensor, data.size(), (long) elements * type.bytes(), "bytes");
        ByteBuffer bytes = data.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        int start = bytes.position();
        switch (ScalarKind.of(type)) {
            case F32 -> {
                float[] floats = new float[elements];
                for (int i = 0; i < elements; i++) {
                    floats[i] = Storage.readFloat(bytes, type, start + i * type.bytes());
                }
                return Tensor.of(type, shape, floats);
            }
            case F64 -> {
                double[] doubles = new double[elements];
                for (int i = 0; i < elements; i++) {
                    doubles[i] = bytes.getDouble(start + i * type.bytes());
                }
                return Tensor.of(type, shape, doubles);
            }
            case I64 -> {
                long[] longs = new long[elements];
                for (int i = 0; i < elements; i++) {
                    longs[i] = Storage.readLong(bytes, type, start + i * type.bytes());
                }
                return Tensor.of(type, shape, longs);
            }
        }
        throw new IllegalStateException("Unknown kind of " + type);
    }

    private static float[] floats(TensorProto tensor, ElementType type, int elements) {
        boolean single = type == ElementType.FLOAT32;
        int count = single ? tensor.getFloatDataCount() : tensor.getInt32DataCount();
        requireCount(tensor, count, elements, "elements");
        float[] floats = new float[elements];
        for (int i = 0; i < elements; i++) {
            if (single) {
                floats[i] = tensor.getFloatData(i);
            } else if (type == ElementType.FLOAT16) {
                floats[i] = HalfFloats.fromFloat16((short) tensor.getInt32Data(i));
            } else {
                floats[i] = HalfFloats.fromBfloat16((short) tensor.getInt32Data(i));
            }
        }
        return floats;
    }

    private static double[] doubles(TensorProto tensor, int elements) {
        requireCount(tensor, tensor.getDoubleDataCount(), elements, "elements");
        double[] doubles = new double[elements];
        for (int i = 0; i < elements; i++) {
            doubles[i] = tensor.getDoubleData(i);
        }
        return doubles;
    }

    private static long[] longs(TensorProto tensor, ElementType type, int elements) {
        long[] longs = new long[elements];
        if (type == ElementType.INT64) {
            requireCount(tensor, tensor.getInt64DataCount(), elements, "elements");
            for (int i = 0; i < elements; i++) {
                longs[i] = tensor.getInt64Data(i);
            }
        } else if (type == ElementType.UINT64 || type == ElementType.UINT32) {
            requireCount(tensor, tensor.getUint64DataCount(), elements, "elements");
            for (int i = 0; i < elements; i++) {
                longs[i] = Storage.narrow(type, tensor.getUint64Data(i));
            }
        } else {
            requireCount(tensor, tensor.getInt32DataCount(), elements, "elements");
            for (int i = 0; i < elements; i++) {
                longs[i] = Storage.narrow(type, (long) tensor.getInt32Data(i));
            }
        }
        return longs;
    }

    private static void requireCount(TensorProto tensor, long found, long expected, String what) {
        Refusal.unless(
                found == expected,
                "constant '%s' has %d %s where its shape %s asks for %d",
                tensor.getName(),
                found,
                what,
                tensor.getDimsList(),
                expected);
    }
}
