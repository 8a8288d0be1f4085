package dev.millrace.gpu.model;

import dev.millrace.gpu.engine.ElementType;

/** The types that arithmetic happens in. Storage types convert to one of them when loaded. */
public enum ScalarKind {
    /** IEEE single precision: FLOAT32, FLOAT16 and BFLOAT16 in memory. */
    F32,
    /** IEEE double precision: FLOAT64 in memory. */
    F64,
    /**
     * Two's complement 64 bit: every integer type, BOOL (0 or 1) and CATEGORY in memory. Narrower
     * ones are sign- or zero-extended when loaded and keep their low bits when stored; UINT64 keeps
     * its 64 bits; BOOL is stored as 1 if the value is not 0.
     */
    I64;

    /** The kind that elements of a storage type have once loaded. */
    public static ScalarKind of(ElementType type) {
        return switch (type) {
            case FLOAT32, FLOAT16, BFLOAT16 -> F32;
            case FLOAT64 -> F64;
            case INT8, UINT8, INT16, UINT16, INT32, UINT32, INT64, UINT64, BOOL, CATEGORY -> I64;
        };
    }
}
