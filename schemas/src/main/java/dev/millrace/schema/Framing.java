package dev.millrace.schema;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.apache.avro.Schema;

/** The bytes that stand before an Avro value and say which schema wrote it. Immutable. */
public final class Framing {
    /** First byte of the Confluent framing; four bytes of schema id, big-endian, follow. */
    public static final byte CONFLUENT_MAGIC = 0;

    /** Length of the Confluent framing in bytes. */
    public static final int CONFLUENT_BYTES = 5;

    /** First byte of Avro's single-object encoding. */
    public static final byte SINGLE_OBJECT_MARKER = (byte) 0xC3;

    /** Second byte of Avro's single-object encoding; the fingerprint follows, little-endian. */
    public static final byte SINGLE_OBJECT_VERSION = 1;

    /** Length of the header of Avro's single-object encoding in bytes. */
    public static final int SINGLE_OBJECT_BYTES = 10;

    private static final Framing PLAIN = new Framing(new byte[0]);

    private final byte[] header;

    private Framing(byte[] header) {
        this.header = header;
    }

    /** No header: readers know the schema from elsewhere. */
    public static Framing plain() {
        return PLAIN;
    }

    /** The framing of schema registries: a magic byte and the schema's id. */
    public static Framing confluent(int schemaId) {
        return new Framing(
                ByteBuffer.allocate(CONFLUENT_BYTES).put(CONFLUENT_MAGIC).putInt(schemaId).array());
    }

    /** Avro's single-object encoding: a marker and the schema's 64-bit fingerprint. */
    public static Framing singleObject(Schema schema) {
        return new Framing(
                ByteBuffer.allocate(SINGLE_OBJECT_BYTES)
                        .put(SINGLE_OBJECT_MARKER)
                        .put(SINGLE_OBJECT_VERSION)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(Fingerprints.crc64(schema))
                        .array());
    }

    /** A copy of the header's bytes. */
    public byte[] header() {
        return header.clone();
    }
}
