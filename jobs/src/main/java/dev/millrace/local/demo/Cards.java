package dev.millrace.local.demo;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Arrays;

/** The demo's payment cards, made once from the seed. Immutable. */
final class Cards {
    static final int COUNT = 20_000;
    private static final byte[] ID_PREFIX = "card-".getBytes(US_ASCII);
    private static final int ID_DIGITS = 7;
    private static final long SALT = 0x63617264;

    private final byte[][] keys = new byte[COUNT][];
    private final byte[][] encodedIds = new byte[COUNT][];
    private final byte[][] encoded = new byte[COUNT][];
    private final int[] country = new int[COUNT];
    private final float[] averageAmount = new float[COUNT];

    Cards(long seed) {
        Randomness random = new Randomness(seed ^ SALT);
        AvroBuffer buffer = new AvroBuffer(64);
        for (int card = 0; card < COUNT; card++) {
            random.at(card);
            country[card] = Countries.random(random);
            averageAmount[card] = (float) (Math.rint(2500 * Spread.factor(random)) / 100);
            buffer.clear().writeNumbered(ID_PREFIX, card, ID_DIGITS);
            encodedIds[card] = buffer.toByteArray();
            keys[card] = Arrays.copyOfRange(encodedIds[card], 1, encodedIds[card].length);
            buffer.clear().writeString(Countries.code(country[card]));
            buffer.writeLong(30 + random.nextInt(3000));
            buffer.writeFloat(500f * (1 + random.nextInt(10)));
            buffer.writeFloat(averageAmount[card]);
            encoded[card] = buffer.toByteArray();
        }
    }

    /** The card's identifier as a record's key. Shared: not to be written to. */
    byte[] key(int card) {
        return keys[card];
    }

    /** The card's identifier as an Avro string. */
    byte[] encodedId(int card) {
        return encodedIds[card];
    }

    /** The card as an Avro record. */
    byte[] encoded(int card) {
        return encoded[card];
    }

    int country(int card) {
        return country[card];
    }

    float averageAmount(int card) {
        return averageAmount[card];
    }
}
