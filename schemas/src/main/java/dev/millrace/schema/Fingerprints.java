package dev.millrace.schema;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;

/**
 * Fingerprints of schemas, both over Avro's Parsing Canonical Form: documentation, aliases and
 * defaults do not count, what changes the bytes does.
 */
public final class Fingerprints {
    private Fingerprints() {}

    /** CRC-64-AVRO, as Avro's single-object encoding carries it. */
    public static long crc64(Schema schema) {
        return SchemaNormalization.parsingFingerprint64(schema);
    }

    /** SHA-256 as 64 lower-case hexadecimal digits. */
    public static String sha256(Schema schema) {
        try {
            return HexFormat.of()
                    .formatHex(SchemaNormalization.parsingFingerprint("SHA-256", schema));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java runtime has SHA-256; this one does not", e);
        }
    }

    /** SHA-256 of arbitrary bytes, such as a model artifact's. */
    public static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java runtime has SHA-256; this one does not", e);
        }
    }
}
