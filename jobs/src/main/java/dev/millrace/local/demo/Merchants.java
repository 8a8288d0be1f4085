package dev.millrace.local.demo;

import java.util.Arrays;
import java.util.stream.IntStream;

/** The demo's merchants, made once from the seed. Immutable. */
final class Merchants {
    private static final int USUAL = 3_000;
    private static final int THIEVES = 300;
    private static final double SHARE_AT_HOME = 0.9;
    private static final long SALT = 0x73686F70;

    // By position in the enum MerchantCategory of transaction.avsc.
    private static final String[] TRADES = {
        "Market",
        "Fuel",
        "Kitchen",
        "Fashion",
        "Electronics",
        "Travel",
        "Pharmacy",
        "Streaming",
        "Cash Point",
        "Casino",
        "Jewels",
        "Gift Cards"
    };
    private static final int[] USUAL_CATEGORIES = {
        0, 0, 0, 0, 0, 1, 1, 2, 2, 2, 3, 3, 4, 5, 6, 6, 7, 7, 8, 9, 10, 11
    };
    private static final int[] THIEVES_CATEGORIES = {4, 4, 8, 9, 10, 10, 11, 11, 11};
    private static final String[] NAMES = {
        "Acorn", "Birch", "Cedar", "Dahlia", "Elder", "Fern", "Gorse", "Hazel", "Iris", "Juniper",
        "Larch", "Maple", "Nettle", "Olive", "Poplar", "Quince", "Rowan", "Sorrel", "Thistle",
        "Willow"
    };

    private final byte[][] encoded = new byte[USUAL + THIEVES][];
    private final int[] country = new int[USUAL + THIEVES];
    private final int[][] byCountry = new int[Countries.COUNT][];

    Merchants(long seed) {
        Randomness random = new Randomness(seed ^ SALT);
        AvroBuffer buffer = new AvroBuffer(64);
        for (int merchant = 0; merchant < encoded.length; merchant++) {
            random.at(merchant);
            boolean usual = merchant < USUAL;
            int[] categories = usual ? USUAL_CATEGORIES : THIEVES_CATEGORIES;
            int category = categories[random.nextInt(categories.length)];
            country[merchant] = Countries.random(random);
            buffer.clear();
            buffer.writeString(
                    NAMES[random.nextInt(NAMES.length)]
                            + " "
                            + TRADES[category]
                            + " "
                            + (1 + random.nextInt(99)));
            buffer.writeLong(category);
            buffer.writeString(Countries.code(country[merchant]));
            boolean young = usual ? random.nextInt(8) == 0 : random.nextInt(3) > 0;
            buffer.writeLong(young ? random.nextInt(60) : 60 + random.nextInt(4000));
            encoded[merchant] = buffer.toByteArray();
        }
        Arrays.setAll(
                byCountry,
                place -> IntStream.range(0, USUAL).filter(i -> country[i] == place).toArray());
    }

    /** A merchant that an honest holder buys from, mostly one at home. */
    int usual(Randomness random, int home) {
        int[] here = byCountry[home];
        boolean buysHere = here.length > 0 && random.nextDouble() < SHARE_AT_HOME;
        return buysHere ? here[random.nextInt(here.length)] : random.nextInt(USUAL);
    }

    /** A merchant that thieves like. */
    int thieves(Randomness random) {
        return USUAL + random.nextInt(THIEVES);
    }

    /** The merchant as an Avro record. */
    byte[] encoded(int merchant) {
        return encoded[merchant];
    }

    int country(int merchant) {
        return country[merchant];
    }
}
