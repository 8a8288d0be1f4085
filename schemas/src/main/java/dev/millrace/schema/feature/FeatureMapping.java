package dev.millrace.schema.feature;

/** How the value of a field becomes elements of a tensor. */
public enum FeatureMapping {
    /**
     * As its type says: a number is one element, a boolean 0 or 1, an enum its ordinal or category,
     * a string its category, an array of numbers as many elements, bytes and fixed raw
     * little-endian elements of the tensor's type (in JSON, bytes are no values: choose {@link
     * #RAW_ELEMENTS}).
     */
    VALUE,
    /** Bytes (base64 in JSON) that hold raw little-endian elements of the tensor's type. */
    RAW_ELEMENTS,
    /** Bytes (base64 in JSON) of which each is one element from 0 to 255: an 8-bit image. */
    UNSIGNED_BYTES
}
