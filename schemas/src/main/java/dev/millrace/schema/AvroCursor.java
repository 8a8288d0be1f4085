package dev.millrace.schema;

import dev.millrace.schema.RecordDecodingException.Kind;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads the values of Avro binary one after the other and trusts no length. Not for the data path:
 * it makes objects.
 */
final class AvroCursor {
    private final byte[] data;
    private int position;

    AvroCursor(byte[] data, int position) {
        this.data = data;
        this.position = position;
    }

    int left() {
        return data.length - position;
    }

    long readLong() throws RecordDecodingException {
        return readNumber(10);
    }

    private long readNumber(int mostBytes) throws RecordDecodingException {
        long raw = 0;
        for (int shift = 0; shift < mostBytes * 7; shift += 7) {
            need(1, "a number");
            byte b = data[position++];
            if (shift == 63 && b != 0 && b != 1) {
                break;
            }
            raw |= (b & 0x7FL) << shift;
            if (b >= 0) {
                return (raw >>> 1) ^ -(raw & 1);
            }
        }
        throw fault("a number of more than %d bits".formatted(mostBytes == 10 ? 64 : 32));
    }

    int readInt() throws RecordDecodingException {
        long value = readNumber(5);
        if (value != (int) value) {
            throw fault("an int of " + value);
        }
        return (int) value;
    }

    boolean readBoolean() throws RecordDecodingException {
        byte value = readFixed(1)[0];
        if (value != 0 && value != 1) {
            throw fault("a boolean of " + value);
        }
        return value == 1;
    }

    int readFloatBits() throws RecordDecodingException {
        return ByteBuffer.wrap(readFixed(Float.BYTES)).order(ByteOrder.LITTLE_ENDIAN).getInt();
    }

    long readDoubleBits() throws RecordDecodingException {
        return ByteBuffer.wrap(readFixed(Double.BYTES)).order(ByteOrder.LITTLE_ENDIAN).getLong();
    }

    byte[] readFixed(int bytes) throws RecordDecodingException {
        need(bytes, "a value");
        position += bytes;
        return Arrays.copyOfRange(data, position - bytes, position);
    }

    byte[] readBytes() throws RecordDecodingException {
        long length = readLong();
        if (length < 0 || length > left()) {
            throw fault("a length of %d bytes, %d are left".formatted(length, left()));
        }
        return readFixed((int) length);
    }

    String readString() throws RecordDecodingException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(readBytes()))
                    .toString();
        } catch (CharacterCodingException e) {
            throw fault("a string that is not UTF-8");
        }
    }

    /** The index of a union's branch or an enum's symbol, one of so many. */
    int readIndex(int count) throws RecordDecodingException {
        int index = readInt();
        if (index < 0 || index >= count) {
            throw fault("index %d of %d".formatted(index, count));
        }
        return index;
    }

    /** The items of the next block of an array or map, 0 at its end; each takes a byte or more. */
    int readBlock() throws RecordDecodingException {
        long count = readLong();
        if (count < 0) {
            count = -count;
            long bytes = readLong();
            if (bytes < 0 || bytes > left()) {
                throw fault("a block of %d bytes, %d are left".formatted(bytes, left()));
            }
        }
        if (count < 0 || count > left()) {
            throw fault(
                    "a block of %s items, %d bytes are left"
                            .formatted(Long.toUnsignedString(count), left()));
        }
        return (int) count;
    }

    void expectEnd() throws RecordDecodingException {
        if (left() > 0) {
            throw fault("%d bytes behind the record".formatted(left()));
        }
    }

    private void need(int bytes, String what) throws RecordDecodingException {
        if (left() < bytes) {
            throw fault("%s of %d bytes, %d are left".formatted(what, bytes, left()));
        }
    }

    RecordDecodingException fault(String found) {
        return new RecordDecodingException(
                Kind.MALFORMED, "Byte %d of %d: %s".formatted(position, data.length, found));
    }
}
