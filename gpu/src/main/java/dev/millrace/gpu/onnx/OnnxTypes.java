package dev.millrace.gpu.onnx;

import ai.onnx.proto.OnnxMl.TensorProto;
import dev.millrace.gpu.engine.ElementType;
import java.util.Optional;

/** ONNX's element types and ours. */
public final class OnnxTypes {
    private OnnxTypes() {}

    /** Our type for an ONNX element type number; empty for strings, complex and packed types. */
    public static Optional<ElementType> elementType(int onnxType) {
        TensorProto.DataType type = TensorProto.DataType.forNumber(onnxType);
        if (type == null) {
            return Optional.empty();
        }
        return Optional.ofNullable(
                switch (type) {
                    case FLOAT -> ElementType.FLOAT32;
                    case DOUBLE -> ElementType.FLOAT64;
                    case INT8 -> ElementType.INT8;
                    case UINT8 -> ElementType.UINT8;
                    case INT16 -> ElementType.INT16;
                    case UINT16 -> ElementType.UINT16;
                    case INT32 -> ElementType.INT32;
                    case UINT32 -> ElementType.UINT32;
                    case INT64 -> ElementType.INT64;
                    case UINT64 -> ElementType.UINT64;
                    case BOOL -> ElementType.BOOL;
                    case FLOAT16 -> ElementType.FLOAT16;
                    case BFLOAT16 -> ElementType.BFLOAT16;
                    default -> null;
                });
    }

    /** The type's name as ONNX spells it, for messages. */
    public static String name(int onnxType) {
        TensorProto.DataType type = TensorProto.DataType.forNumber(onnxType);
        return type == null ? "type " + onnxType : type.name();
    }
}
