package dev.millrace.gpu.cuda.kernel;

import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.model.ScalarKind;

/** C++ names of element types and kinds. */
final class Types {
    private Types() {}

    /** The accessor of a storage type in millrace_kernels.cuh. */
    static String accessor(ElementType type) {
        return switch (type) {
            case FLOAT32 -> "MrFloat32";
            case FLOAT64 -> "MrFloat64";
            case FLOAT16 -> "MrFloat16";
            case BFLOAT16 -> "MrBfloat16";
            case INT8 -> "MrInt8";
            case UINT8 -> "MrUint8";
            case INT16 -> "MrInt16";
            case UINT16 -> "MrUint16";
            case INT32, CATEGORY -> "MrInt32";
            case UINT32 -> "MrUint32";
            case INT64, UINT64 -> "MrInt64";
            case BOOL -> "MrBool";
        };
    }

    static String scalar(ScalarKind kind) {
        return switch (kind) {
            case F32 -> "float";
            case F64 -> "double";
            case I64 -> "mr_i64";
        };
    }

    /** The suffix of functions that exist per kind. */
    static String suffix(ScalarKind kind) {
        return switch (kind) {
            case F32 -> "";
            case F64 -> "64";
            case I64 -> "_i64";
        };
    }
}
