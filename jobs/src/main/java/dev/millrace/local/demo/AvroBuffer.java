package dev.millrace.local.demo;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes Avro's binary encoding into a reused array. One thread. */
final class AvroBuffer {
    private static final VarHandle INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final byte[] bytes;
    private int length;

    AvroBuffer(int capacity) {
        bytes = new byte[capacity];
    }

    AvroBuffer clear() {
        length = 0;
        return this;
    }

    void writeLong(long value) {
        long rest = (value << 1) ^ (value >> 63);
        while ((rest & ~0x7FL) != 0) {
            bytes[length++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[length++] = (byte) rest;
    }

    void writeDouble(double value) {
        LONG.set(bytes, length, Double.doubleToLongBits(value));
        length += Double.BYTES;
    }

    void writeFloat(float value) {
        INT.set(bytes, length, Float.floatToIntBits(value));
        length += Float.BYTES;
    }

    void writeBoolean(boolean value) {
        bytes[length++] = (byte) (value ? 1 : 0);
    }

    void writeString(String value) {
        byte[] text = value.getBytes(StandardCharsets.UTF_8);
        writeLong(text.length);
        writeEncoded(text);
    }

    /** A string of a prefix and a number of so many digits. */
    void writeNumbered(byte[] prefix, long number, int digits) {
        writeLong(prefix.length + digits);
        writeEncoded(prefix);
        long rest = number;
        for (int position = length + digits - 1; position >= length; position--) {
            bytes[position] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        length += digits;
    }

    /** Bytes that are encoded already. */
    void writeEncoded(byte[] encoded) {
        System.arraycopy(encoded, 0, bytes, length, encoded.length);
        length += encoded.length;
    }

    byte[] toByteArray() {
        return Arrays.copyOf(bytes, length);
    }
}
