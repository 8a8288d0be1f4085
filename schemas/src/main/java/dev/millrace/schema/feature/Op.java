package dev.millrace.schema.feature;

import dev.millrace.schema.TensorType;
import java.util.List;

/**
 * The steps of a {@link FeaturePlan}: each is its number and its operands in an int array. {@code
 * tensor} and {@code offset} name a place in the row, {@code type} stands for a {@link TensorType},
 * {@code pc} the index of another step.
 */
final class Op {
    /** Ends a program or a subprogram. */
    static final int END = 0;

    /** bytes: skips that many. */
    static final int SKIP_FIXED = 1;

    /** most bytes of the number: skips a variable-length number. */
    static final int SKIP_VARINT = 2;

    /** symbols: skips an enum, which must be one of so many. */
    static final int SKIP_ENUM = 3;

    /** Skips bytes or a string with its length. */
    static final int SKIP_BYTES = 4;

    /** least bytes of an item, its exact bytes or -1, pc of a program that skips one item. */
    static final int SKIP_ARRAY = 5;

    /** As {@link #SKIP_ARRAY}, for the values of a map. */
    static final int SKIP_MAP = 6;

    /** n, then n times pc: goes on with the program of the branch that was written. */
    static final int UNION = 7;

    /** pc: goes on there. */
    static final int JUMP = 8;

    /** pc: runs a subprogram. */
    static final int CALL = 9;

    /** pc: runs a subprogram and stays where it was, so that the same bytes are read again. */
    static final int PEEK = 10;

    /** tensor, offset, bytes, bytes of an element: copies elements as they are. */
    static final int COPY = 11;

    /** tensor, offset, count: doubles that become float32. */
    static final int DOUBLES_TO_FLOATS = 12;

    /** tensor, offset, type. */
    static final int FLOAT = 13;

    /** tensor, offset, type. */
    static final int DOUBLE = 14;

    /** tensor, offset, type. */
    static final int INT = 15;

    /** tensor, offset, type. */
    static final int LONG = 16;

    /** tensor, offset, type. */
    static final int BOOLEAN = 17;

    /** tensor, offset, type, index of the table from symbol to value. */
    static final int ENUM = 18;

    /** tensor, offset, type, index of the table of known strings. */
    static final int STRING = 19;

    /** tensor, offset, count, type: bytes of which each is one number from 0 to 255. */
    static final int UNSIGNED_BYTES = 20;

    /** bytes: reads a length, which must be that. */
    static final int EXPECT_LENGTH = 21;

    /** tensor, offset, index of the image: writes constant bytes, reads nothing. */
    static final int IMAGE = 22;

    /** Refuses the record: null or missing without a default. */
    static final int MISSING = 23;

    /** index of the message: refuses the record, whose union branch cannot feed the feature. */
    static final int REFUSE = 24;

    /** index of the value, pc: runs a subprogram over a default of the reader's schema. */
    static final int DEFAULT = 25;

    /** count, bytes from one element to the next, least bytes of an item, pc: one item. */
    static final int ARRAY = 26;

    /** tensor, offset, count, bytes of an element: an array whose items are copied as they are. */
    static final int ARRAY_COPY = 27;

    /** tensor, offset, count: an array of doubles that become float32. */
    static final int ARRAY_DOUBLES_TO_FLOATS = 28;

    /** index of the map's steps. */
    static final int MAP = 29;

    private static final List<TensorType> TYPES = List.of(TensorType.values());

    private Op() {}

    /** The operand that stands for a type. */
    static int operand(TensorType type) {
        return TYPES.indexOf(type);
    }
}
