package dev.millrace.schema.feature;

import dev.millrace.schema.RecordDecodingException;
import dev.millrace.schema.RecordDecodingException.Kind;
import dev.millrace.schema.TensorLayout;
import dev.millrace.schema.TensorType;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.apache.avro.Schema;

/**
 * A writer's schema and a feature spec, compiled into steps that read Avro binary and write the
 * features straight into a row, skipping what no feature needs. Makes no object per record.
 *
 * <p>It reads as strictly as Avro's own reader, and more so: sizes of blocks must be true, numbers
 * must fit their type, nothing may follow the record, and nesting ends at {@value #MAX_DEPTH}
 * levels. Every length is held against the bytes that are left before anything is done with it.
 *
 * <p>Not thread-safe: keeps where it is in the record. One per task.
 */
public final class FeaturePlan {
    /** The deepest nesting of records, arrays and maps that is read. */
    public static final int MAX_DEPTH = 256;

    /** The most items without bytes (nulls) in a block: no honest writer has as many. */
    private static final int MAX_EMPTY_ITEMS = 1 << 16;

    private static final VarHandle FLOATS =
            MethodHandles.byteArrayViewVarHandle(float[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle DOUBLES =
            MethodHandles.byteArrayViewVarHandle(double[].class, ByteOrder.LITTLE_ENDIAN);
    private static final TensorType[] TYPES = TensorType.values();

    private final Program program;
    private final int[] code;
    private final RowWriter row;

    private byte[] data = {};
    private int limit;
    private int next;
    private long mapReadings;

    FeaturePlan(Program program, List<TensorLayout> layouts) {
        this.program = program;
        this.code = program.code();
        this.row = new RowWriter(layouts);
    }

    /**
     * Compiles a spec for records written with a schema.
     *
     * @throws UnusableFeatureException if the schema lacks a feature or cannot feed it; names all
     */
    public static FeaturePlan compile(Schema writer, FeatureSpec spec) {
        return compile(writer, writer, spec);
    }

    /**
     * Compiles a spec for records of an older or newer writer. Paths and enum ordinals are those of
     * the reader's schema; a field is found in the writer's by its name or an alias of the reader's
     * field; where the writer lacks it, the reader's default stands in, then the feature's. Values
     * convert from the type they were written in, straight to the tensor's.
     *
     * @throws UnusableFeatureException if the schemas lack a feature or cannot feed it; names all
     */
    public static FeaturePlan compile(Schema writer, Schema reader, FeatureSpec spec) {
        return new FeaturePlan(
                FeatureCompiler.compile(writer, reader, spec),
                spec.tensors().stream().map(TensorFeatures::layout).toList());
    }

    /** Decodes a value that is nothing but the record. */
    public void decode(byte[] value, ByteBuffer[] tensors, int rowIndex)
            throws RecordDecodingException {
        decode(value, 0, value.length, tensors, rowIndex);
    }

    /**
     * Decodes the record in {@code length} bytes from {@code offset} into a row. After an exception
     * the row's contents are undefined.
     *
     * @param tensors one buffer per tensor of the spec, in native byte order
     */
    public void decode(byte[] value, int offset, int length, ByteBuffer[] tensors, int rowIndex)
            throws RecordDecodingException {
        data = value;
        limit = offset + length;
        row.start(tensors, rowIndex);
        int end = execute(0, offset, 0, 0);
        if (end != limit) {
            throw new RecordDecodingException(
                    Kind.MALFORMED,
                    "The record ends at byte %d of %d, %d bytes follow it; was it written with another schema?"
                            .formatted(end, limit, limit - end));
        }
    }

    /**
     * Runs a program from a step to its end.
     *
     * @param shift bytes to add to the offsets of tensors: the place of the current array item
     * @return the position behind what was read
     */
    private int execute(int start, int from, int shift, int depth) throws RecordDecodingException {
        int pc = start;
        int position = from;
        if (depth > MAX_DEPTH) {
            throw malformed(pc, position, "nested deeper than " + MAX_DEPTH + " levels");
        }
        while (true) {
            switch (code[pc]) {
                case Op.END -> {
                    return position;
                }
                case Op.SKIP_FIXED -> {
                    position = skip(pc, position, code[pc + 1]);
                    pc += 2;
                }
                case Op.SKIP_VARINT -> {
                    position = skipVarint(pc, position);
                    pc += 2;
                }
                case Op.SKIP_ENUM -> {
                    index(pc, position, code[pc + 1], "symbol");
                    position = next;
                    pc += 2;
                }
                case Op.SKIP_BYTES -> {
                    int length = length(pc, position);
                    position = next + length;
                    pc += 1;
                }
                case Op.SKIP_ARRAY -> {
                    position = skipBlocks(pc, position, false, depth);
                    pc += 4;
                }
                case Op.SKIP_MAP -> {
                    position = skipBlocks(pc, position, true, depth);
                    pc += 4;
                }
                case Op.UNION -> {
                    int branch = index(pc, position, code[pc + 1], "union branch");
                    position = next;
                    pc = code[pc + 2 + branch];
                }
                case Op.JUMP -> pc = code[pc + 1];
                case Op.CALL -> {
                    position = execute(code[pc + 1], position, shift, depth + 1);
                    pc += 2;
                }
                case Op.PEEK -> {
                    execute(code[pc + 1], position, shift, depth + 1);
                    pc += 2;
                }
                case Op.COPY -> {
                    position = copy(pc, position, shift);
                    pc += 5;
                }
                case Op.DOUBLES_TO_FLOATS -> {
                    position = doublesToFloats(pc, position, code[pc + 2] + shift, code[pc + 3]);
                    pc += 4;
                }
                case Op.FLOAT -> {
                    position = putFloat(pc, position, shift);
                    pc += 4;
                }
                case Op.DOUBLE -> {
                    position = putDouble(pc, position, shift);
                    pc += 4;
                }
                case Op.INT -> {
                    putLong(pc, position, shift, readInt(pc, position));
                    position = next;
                    pc += 4;
                }
                case Op.LONG -> {
                    putLong(pc, position, shift, readLong(pc, position));
                    position = next;
                    pc += 4;
                }
                case Op.BOOLEAN -> {
                    putLong(pc, position, shift, readBoolean(pc, position));
                    position += 1;
                    pc += 4;
                }
                case Op.ENUM -> {
                    position = putEnum(pc, position, shift);
                    pc += 5;
                }
                case Op.STRING -> {
                    position = putString(pc, position, shift);
                    pc += 5;
                }
                case Op.UNSIGNED_BYTES -> {
                    position = putUnsignedBytes(pc, position, shift);
                    pc += 5;
                }
                case Op.EXPECT_LENGTH -> {
                    position = expectLength(pc, position);
                    pc += 2;
                }
                case Op.IMAGE -> {
                    byte[] image = program.images()[code[pc + 3]];
                    row.copy(code[pc + 1], code[pc + 2] + shift, image, 0, image.length);
                    pc += 4;
                }
                case Op.MISSING ->
                        throw fault(
                                Kind.MISSING,
                                pc,
                                position,
                                "null or missing, and the feature has no default");
                case Op.REFUSE ->
                        throw fault(
                                Kind.OUT_OF_RANGE, pc, position, program.messages()[code[pc + 1]]);
                case Op.DEFAULT -> {
                    executeDefault(pc, shift, depth);
                    pc += 3;
                }
                case Op.ARRAY -> {
                    position = array(pc, position, shift, depth);
                    pc += 5;
                }
                case Op.ARRAY_COPY -> {
                    position = arrayCopy(pc, position, shift);
                    pc += 5;
                }
                case Op.ARRAY_DOUBLES_TO_FLOATS -> {
                    position = arrayDoublesToFloats(pc, position, shift);
                    pc += 4;
                }
                case Op.MAP -> {
                    position = map(pc, position, shift, depth);
                    pc += 2;
                }
                default -> throw new IllegalStateException("No step " + code[pc] + " at " + pc);
            }
        }
    }

    // Numbers of the binary encoding. Where the length varies, `next` is the position behind.

    private int skip(int pc, int position, int bytes) throws RecordDecodingException {
        if (limit - position < bytes) {
            throw truncated(pc, position, bytes);
        }
        return position + bytes;
    }

    private int skipVarint(int pc, int position) throws RecordDecodingException {
        int end = Math.min(limit, position + code[pc + 1]);
        int at = position;
        while (at < end) {
            if (data[at++] >= 0) {
                return at;
            }
        }
        throw badVarint(pc, position, code[pc + 1]);
    }

    private long readLong(int pc, int position) throws RecordDecodingException {
        long raw = readVarint(pc, position, 10);
        return (raw >>> 1) ^ -(raw & 1);
    }

    private int readInt(int pc, int position) throws RecordDecodingException {
        long raw = readVarint(pc, position, 5);
        if (raw >>> 32 != 0) {
            throw malformed(pc, position, "int of more than 32 bits");
        }
        return (int) ((raw >>> 1) ^ -(raw & 1));
    }

    private long readVarint(int pc, int position, int mostBytes) throws RecordDecodingException {
        int end = Math.min(limit, position + mostBytes);
        long raw = 0;
        int shift = 0;
        for (int at = position; at < end; at++, shift += 7) {
            byte b = data[at];
            raw |= (b & 0x7FL) << shift;
            if (b >= 0) {
                if (shift == 63 && b > 1) {
                    throw malformed(pc, position, "long of more than 64 bits");
                }
                next = at + 1;
                return raw;
            }
        }
        throw badVarint(pc, position, mostBytes);
    }

    private long readBoolean(int pc, int position) throws RecordDecodingException {
        skip(pc, position, 1);
        byte value = data[position];
        if (value != 0 && value != 1) {
            throw malformed(pc, position, "boolean of " + value + " instead of 0 or 1");
        }
        return value;
    }

    private int index(int pc, int position, int count, String what) throws RecordDecodingException {
        int index = readInt(pc, position);
        if (index < 0 || index >= count) {
            throw malformed(pc, position, "%s %d of %d".formatted(what, index, count));
        }
        return index;
    }

    private int length(int pc, int position) throws RecordDecodingException {
        long length = readLong(pc, position);
        if (length < 0 || length > limit - next) {
            throw malformed(
                    pc,
                    position,
                    "length of %d bytes, %d are left".formatted(length, limit - next));
        }
        return (int) length;
    }

    private int expectLength(int pc, int position) throws RecordDecodingException {
        int length = length(pc, position);
        if (length != code[pc + 1]) {
            throw fault(
                    Kind.WRONG_SHAPE,
                    pc,
                    position,
                    "%d bytes, the input takes %d".formatted(length, code[pc + 1]));
        }
        return next;
    }

    // Values.

    private int copy(int pc, int position, int shift) throws RecordDecodingException {
        int bytes = code[pc + 3];
        int end = skip(pc, position, bytes);
        row.copyLittleEndian(
                code[pc + 1], code[pc + 2] + shift, data, position, bytes, code[pc + 4]);
        return end;
    }

    private int doublesToFloats(int pc, int position, int offset, int count)
            throws RecordDecodingException {
        int end = skip(pc, position, count * Double.BYTES);
        int tensor = code[pc + 1];
        int at = offset;
        for (int from = position; from < end; from += Double.BYTES, at += Float.BYTES) {
            row.putFloat32(tensor, at, (float) (double) DOUBLES.get(data, from));
        }
        return end;
    }

    private int putFloat(int pc, int position, int shift) throws RecordDecodingException {
        int end = skip(pc, position, Float.BYTES);
        float value = (float) FLOATS.get(data, position);
        if (!row.putFloat(code[pc + 1], code[pc + 2] + shift, TYPES[code[pc + 3]], value)) {
            throw unfit(pc, position, Float.toString(value));
        }
        return end;
    }

    private int putDouble(int pc, int position, int shift) throws RecordDecodingException {
        int end = skip(pc, position, Double.BYTES);
        double value = (double) DOUBLES.get(data, position);
        if (!row.putDouble(code[pc + 1], code[pc + 2] + shift, TYPES[code[pc + 3]], value)) {
            throw unfit(pc, position, Double.toString(value));
        }
        return end;
    }

    private void putLong(int pc, int position, int shift, long value)
            throws RecordDecodingException {
        if (!row.putLong(code[pc + 1], code[pc + 2] + shift, TYPES[code[pc + 3]], value)) {
            throw unfit(pc, position, Long.toString(value));
        }
    }

    private int putEnum(int pc, int position, int shift) throws RecordDecodingException {
        int[] values = program.enums()[code[pc + 4]];
        int symbol = index(pc, position, values.length, "symbol");
        if (values[symbol] == Program.UNKNOWN_SYMBOL) {
            throw unknownCategory(pc, position);
        }
        putLong(pc, position, shift, values[symbol]);
        return next;
    }

    private int putString(int pc, int position, int shift) throws RecordDecodingException {
        int length = length(pc, position);
        int category = program.keys()[code[pc + 4]].index(data, next, length);
        if (category == ByteKeys.ABSENT && TYPES[code[pc + 3]] != TensorType.CATEGORY) {
            throw unknownCategory(pc, position);
        }
        putLong(pc, position, shift, category);
        return next + length;
    }

    private int putUnsignedBytes(int pc, int position, int shift) throws RecordDecodingException {
        int count = code[pc + 3];
        int end = skip(pc, position, count);
        TensorType type = TYPES[code[pc + 4]];
        int offset = code[pc + 2] + shift;
        for (int at = position; at < end; at++, offset += type.bytes()) {
            if (!row.putLong(code[pc + 1], offset, type, data[at] & 0xFF)) {
                throw fault(
                        Kind.OUT_OF_RANGE,
                        pc,
                        at,
                        "%d does not fit the input's type %s".formatted(data[at] & 0xFF, type));
            }
        }
        return end;
    }

    private void executeDefault(int pc, int shift, int depth) throws RecordDecodingException {
        byte[] record = data;
        int recordLimit = limit;
        data = program.defaults()[code[pc + 1]];
        limit = data.length;
        try {
            execute(code[pc + 2], 0, shift, depth + 1);
        } finally {
            data = record;
            limit = recordLimit;
        }
    }

    // Arrays and maps: blocks of items until one of none. A negative count is followed by the
    // block's size in bytes.

    /** The count of the block at a position; {@code next} is behind its header. */
    private long blockCount(int pc, int position, int leastItemBytes)
            throws RecordDecodingException {
        long count = readLong(pc, position);
        if (count < 0) {
            count = -count;
            length(pc, next);
        }
        int left = limit - next;
        boolean tooMany =
                leastItemBytes == 0 ? count > MAX_EMPTY_ITEMS : count > left / leastItemBytes;
        if (count < 0 || tooMany) {
            throw malformed(
                    pc,
                    position,
                    "block of %s items, %d bytes are left"
                            .formatted(Long.toUnsignedString(count), left));
        }
        return count;
    }

    /** Holds the size that a block stated, if it did, against what it took. */
    private void checkBlock(int pc, int header, int from, int end) throws RecordDecodingException {
        // The sign of a zigzag number is its lowest bit, which is in its first byte.
        if ((data[header] & 1) == 0) {
            return;
        }
        readLong(pc, header);
        long stated = readLong(pc, next);
        if (stated != end - from) {
            throw malformed(
                    pc, header, "block of %d bytes says it has %d".formatted(end - from, stated));
        }
    }

    private int skipBlocks(int pc, int from, boolean keyed, int depth)
            throws RecordDecodingException {
        int itemBytes = keyed ? -1 : code[pc + 2];
        int position = from;
        while (true) {
            int header = position;
            long count = blockCount(pc, header, code[pc + 1] + (keyed ? 1 : 0));
            position = next;
            if (count == 0) {
                return position;
            }
            int first = position;
            if (itemBytes >= 0) {
                position = first + (int) (count * itemBytes);
            } else {
                for (long i = 0; i < count; i++) {
                    if (keyed) {
                        int length = length(pc, position);
                        position = next + length;
                    }
                    position = execute(code[pc + 3], position, 0, depth + 1);
                }
            }
            checkBlock(pc, header, first, position);
        }
    }

    private int array(int pc, int from, int shift, int depth) throws RecordDecodingException {
        int expected = code[pc + 1];
        int stride = code[pc + 2];
        long items = 0;
        int position = from;
        while (true) {
            int header = position;
            long count = blockCount(pc, header, code[pc + 3]);
            position = next;
            items = countItems(pc, from, items, count, expected);
            if (count == 0) {
                return position;
            }
            int first = position;
            for (long i = items - count; i < items; i++) {
                position = execute(code[pc + 4], position, shift + (int) i * stride, depth + 1);
            }
            checkBlock(pc, header, first, position);
        }
    }

    private int arrayCopy(int pc, int from, int shift) throws RecordDecodingException {
        int elementBytes = code[pc + 4];
        long items = 0;
        int position = from;
        while (true) {
            int header = position;
            long count = blockCount(pc, header, elementBytes);
            position = next;
            items = countItems(pc, from, items, count, code[pc + 3]);
            if (count == 0) {
                return position;
            }
            int bytes = (int) count * elementBytes;
            int offset = code[pc + 2] + shift + (int) (items - count) * elementBytes;
            row.copyLittleEndian(code[pc + 1], offset, data, position, bytes, elementBytes);
            checkBlock(pc, header, position, position + bytes);
            position += bytes;
        }
    }

    private int arrayDoublesToFloats(int pc, int from, int shift) throws RecordDecodingException {
        long items = 0;
        int position = from;
        while (true) {
            int header = position;
            long count = blockCount(pc, header, Double.BYTES);
            position = next;
            items = countItems(pc, from, items, count, code[pc + 3]);
            if (count == 0) {
                return position;
            }
            int first = position;
            int offset = code[pc + 2] + shift + (int) (items - count) * Float.BYTES;
            position = doublesToFloats(pc, first, offset, (int) count);
            checkBlock(pc, header, first, position);
        }
    }

    /** The items so far with a block's; at the block of none they must be as many as expected. */
    private long countItems(int pc, int position, long before, long count, int expected)
            throws RecordDecodingException {
        long items = before + count;
        if (items > expected || (count == 0 && items != expected)) {
            throw fault(
                    Kind.WRONG_SHAPE,
                    pc,
                    position,
                    "array of %d%s values, the input takes %d"
                            .formatted(items, count == 0 ? "" : " or more", expected));
        }
        return items;
    }

    private int map(int pc, int from, int shift, int depth) throws RecordDecodingException {
        MapSteps steps = program.maps()[code[pc + 1]];
        long reading = ++mapReadings;
        int position = from;
        while (true) {
            int header = position;
            long count = blockCount(pc, header, steps.leastEntryBytes);
            position = next;
            if (count == 0) {
                break;
            }
            int first = position;
            for (long i = 0; i < count; i++) {
                position = mapEntry(pc, steps, reading, position, shift, depth);
            }
            checkBlock(pc, header, first, position);
        }
        for (int key = 0; key < steps.seen.length; key++) {
            if (steps.seen[key] != reading) {
                execute(steps.missingPrograms[key], position, shift, depth + 1);
            }
        }
        return position;
    }

    private int mapEntry(int pc, MapSteps steps, long reading, int position, int shift, int depth)
            throws RecordDecodingException {
        int length = length(pc, position);
        int key = steps.keys.index(data, next, length);
        int value = next + length;
        if (key == ByteKeys.ABSENT) {
            return execute(steps.skipProgram, value, shift, depth + 1);
        }
        int end = execute(steps.valuePrograms[key], value, shift, depth + 1);
        steps.seen[key] = reading;
        return end;
    }

    // Faults.

    private RecordDecodingException truncated(int pc, int position, int bytes) {
        return malformed(
                pc,
                position,
                "needs %d bytes, %d are left".formatted(bytes, Math.max(0, limit - position)));
    }

    private RecordDecodingException badVarint(int pc, int position, int mostBytes) {
        return limit - position < mostBytes
                ? truncated(pc, position, limit - position + 1)
                : malformed(pc, position, "number of more than " + mostBytes + " bytes");
    }

    private RecordDecodingException unfit(int pc, int position, String value) {
        return fault(
                Kind.OUT_OF_RANGE,
                pc,
                position,
                "%s does not fit the input's type %s".formatted(value, TYPES[code[pc + 3]]));
    }

    private RecordDecodingException unknownCategory(int pc, int position) {
        return fault(Kind.OUT_OF_RANGE, pc, position, "is none of the feature's categories");
    }

    private RecordDecodingException malformed(int pc, int position, String message) {
        return fault(Kind.MALFORMED, pc, position, message);
    }

    private RecordDecodingException fault(Kind kind, int pc, int position, String message) {
        String path = program.paths()[pc];
        String field = path == null || path.isEmpty() ? "The record" : "Field " + path;
        return new RecordDecodingException(
                kind, "%s, byte %d of %d: %s".formatted(field, position, limit, message));
    }
}
