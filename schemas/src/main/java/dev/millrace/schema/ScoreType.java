package dev.millrace.schema;

/** The type of a score's values, and which branches of the contract's union hold them. */
public enum ScoreType {
    FLOAT(0, 5),
    DOUBLE(1, 6),
    LONG(2, 7),
    /** As a vector written with the longs, as 0 and 1. */
    BOOLEAN(3, 7),
    STRING(4, 8);

    private final int scalarBranch;
    private final int vectorBranch;

    ScoreType(int scalarBranch, int vectorBranch) {
        this.scalarBranch = scalarBranch;
        this.vectorBranch = vectorBranch;
    }

    int branch(boolean scalar) {
        return scalar ? scalarBranch : vectorBranch;
    }

    static ScoreType of(TensorType type) {
        return switch (type) {
            case FLOAT32, FLOAT16, BFLOAT16 -> FLOAT;
            case FLOAT64 -> DOUBLE;
            case INT8, UINT8, INT16, UINT16, INT32, UINT32, INT64, UINT64 -> LONG;
            case BOOL -> BOOLEAN;
            case CATEGORY -> STRING;
        };
    }
}
