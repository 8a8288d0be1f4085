package dev.millrace.gpu.onnxruntime;

import ai.onnxruntime.OnnxJavaType;
import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.engine.EngineException;

/** Our element types in ONNX Runtime's Java interface. */
final class OrtTypes {
    private OrtTypes() {}

    static OnnxJavaType of(String tensor, ElementType type) throws EngineException {
        return switch (type) {
            case FLOAT32 -> OnnxJavaType.FLOAT;
            case FLOAT64 -> OnnxJavaType.DOUBLE;
            case INT8 -> OnnxJavaType.INT8;
            case UINT8 -> OnnxJavaType.UINT8;
            case INT16 -> OnnxJavaType.INT16;
            case INT32, CATEGORY -> OnnxJavaType.INT32;
            case INT64 -> OnnxJavaType.INT64;
            case BOOL -> OnnxJavaType.BOOL;
            case FLOAT16 -> OnnxJavaType.FLOAT16;
            case BFLOAT16 -> OnnxJavaType.BFLOAT16;
            case UINT16, UINT32, UINT64 ->
                    throw new EngineException(
                            EngineException.Kind.MODEL,
                            "Tensor '%s' has elements of type %s, which ONNX Runtime's Java interface cannot carry; cast it inside the model"
                                    .formatted(tensor, type));
        };
    }
}
