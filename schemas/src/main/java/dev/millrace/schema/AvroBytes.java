package dev.millrace.schema;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Avro's variable-length numbers and strings, as the scored record's encoder needs them. */
final class AvroBytes {
    private AvroBytes() {}

    static int longBytes(long value) {
        long raw = zigzag(value);
        return (70 - Long.numberOfLeadingZeros(raw | 1)) / 7;
    }

    /** Writes a long and returns the position behind it. */
    static int putLong(byte[] target, int at, long value) {
        int position = at;
        long raw = zigzag(value);
        while ((raw & ~0x7FL) != 0) {
            target[position++] = (byte) (raw | 0x80);
            raw >>>= 7;
        }
        target[position++] = (byte) raw;
        return position;
    }

    static void appendLong(ByteArrayOutputStream out, long value) {
        byte[] bytes = new byte[longBytes(value)];
        putLong(bytes, 0, value);
        out.writeBytes(bytes);
    }

    static void appendString(ByteArrayOutputStream out, String value) {
        out.writeBytes(string(value));
    }

    /** A string with its length before it. */
    static byte[] string(String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        byte[] bytes = new byte[longBytes(utf8.length) + utf8.length];
        int at = putLong(bytes, 0, utf8.length);
        System.arraycopy(utf8, 0, bytes, at, utf8.length);
        return bytes;
    }

    private static long zigzag(long value) {
        return (value << 1) ^ (value >> 63);
    }
}
