package dev.millrace.local.demo;

import java.io.IOException;
import java.util.Arrays;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;

/**
 * Makes records undecodable: cut short, with some bytes overwritten, or random altogether. Which
 * records, and how, follows from the seed. Avro itself confirms each one. One thread.
 */
final class Poison {
    private static final long SALT = 0x706F6973;

    private final double share;
    private final Randomness random;
    private final Schema schema;
    private BinaryDecoder decoder;

    /**
     * @param share of poisoned records, 0 to 1
     * @param schema of the records
     */
    Poison(long seed, double share, Schema schema) {
        this.share = share;
        this.random = new Randomness(seed ^ SALT);
        this.schema = schema;
    }

    /** Whether record {@code number} is to be poisoned. */
    boolean strikes(long number) {
        return share > 0 && random.at(number).nextDouble() < share;
    }

    /** Record {@code number} made undecodable. */
    byte[] spoil(long number, byte[] value) {
        random.at(number).nextDouble();
        byte[] spoiled =
                switch (random.nextInt(3)) {
                    case 0 -> truncated(value);
                    case 1 -> overwritten(value);
                    default -> randomBytes(value.length);
                };
        // A record whose last byte is missing cannot be decoded, whatever the schema.
        return decodable(spoiled) ? Arrays.copyOf(value, value.length - 1) : spoiled;
    }

    private byte[] truncated(byte[] value) {
        return Arrays.copyOf(value, random.nextInt(value.length));
    }

    private byte[] overwritten(byte[] value) {
        byte[] spoiled = value.clone();
        int first = random.nextInt(spoiled.length);
        int last = Math.min(spoiled.length, first + 1 + random.nextInt(16));
        for (int i = first; i < last; i++) {
            spoiled[i] = (byte) random.nextLong();
        }
        return spoiled;
    }

    private byte[] randomBytes(int length) {
        byte[] spoiled = new byte[1 + random.nextInt(length)];
        for (int i = 0; i < spoiled.length; i++) {
            spoiled[i] = (byte) random.nextLong();
        }
        return spoiled;
    }

    /** Whether a record can be skipped, which is the least that any reader does with it. */
    private boolean decodable(byte[] value) {
        try {
            decoder = DecoderFactory.get().binaryDecoder(value, decoder);
            GenericDatumReader.skip(schema, decoder);
            return true;
        } catch (IOException | AvroRuntimeException | IndexOutOfBoundsException e) {
            return false;
        }
    }
}
