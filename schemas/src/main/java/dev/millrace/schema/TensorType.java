package dev.millrace.schema;

/**
 * The type of a tensor's elements as they lie in a slot's buffers, in native byte order. The names
 * are those of the engines' element types, so that one is found from the other by name.
 */
public enum TensorType {
    FLOAT32(4),
    FLOAT64(8),
    INT8(1),
    UINT8(1),
    INT16(2),
    UINT16(2),
    INT32(4),
    UINT32(4),
    INT64(8),
    UINT64(8),
    BOOL(1),
    FLOAT16(2),
    BFLOAT16(2),
    /**
     * A string, carried as the 32-bit index into {@link TensorLayout#categories()}; -1 stands for a
     * string that is not among them.
     */
    CATEGORY(4);

    private final int bytes;

    TensorType(int bytes) {
        this.bytes = bytes;
    }

    /** Size of one element in bytes. */
    public int bytes() {
        return bytes;
    }
}
