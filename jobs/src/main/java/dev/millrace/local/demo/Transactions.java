package dev.millrace.local.demo;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.time.Instant;

/**
 * The demo's card payments, encoded by {@code transaction.avsc}. Payment number n of a seed always
 * has the same bytes, whatever was made before it. Reusable buffers; one thread.
 *
 * <p>About one payment in 200 is made by a thief: far above what the card usually pays, for goods
 * that sell again, from a young merchant abroad, in quick succession. More of them at night. None
 * of these signs is certain: honest holders travel, go on sprees and buy from young merchants too.
 */
final class Transactions {
    private static final long STORY_BEGIN = Instant.parse("2026-01-01T00:00:00Z").toEpochMilli();
    private static final long STORY_MILLIS_PER_PAYMENT = 170;
    private static final double FRAUD_BY_NIGHT = 0.012;
    private static final double FRAUD_BY_DAY = 0.003;
    private static final byte[] ID_PREFIX = "tx-".getBytes(US_ASCII);
    private static final int ID_DIGITS = 10;

    // Positions of the symbols in transaction.avsc.
    private static final int CHIP = 0;
    private static final int CONTACTLESS = 1;
    private static final int MAGNETIC_STRIPE = 2;
    private static final int ECOMMERCE = 3;
    private static final int RECURRING = 4;
    private static final int MANUAL = 5;
    private static final int[] USUAL_MODES = {
        CHIP,
        CHIP,
        CHIP,
        CONTACTLESS,
        CONTACTLESS,
        CONTACTLESS,
        CONTACTLESS,
        ECOMMERCE,
        ECOMMERCE,
        RECURRING
    };
    private static final int[] THIEVES_MODES = {ECOMMERCE, ECOMMERCE, MAGNETIC_STRIPE, MANUAL};

    private final Randomness random;
    private final Cards cards;
    private final Merchants merchants;
    private final AvroBuffer buffer = new AvroBuffer(512);

    Transactions(long seed) {
        random = new Randomness(seed);
        cards = new Cards(seed);
        merchants = new Merchants(seed);
    }

    Cards cards() {
        return cards;
    }

    /** The card that makes payment {@code number}. */
    int card(long number) {
        // The square makes some cards pay far more often than others.
        double place = random.at(number).nextDouble();
        return (int) (place * place * Cards.COUNT);
    }

    /** Payment {@code number} in Avro's binary encoding. */
    byte[] encode(long number) {
        int card = card(number);
        long time = time(number);
        int hour = hour(time);
        boolean thief = drawTheft(hour);
        buffer.clear();
        buffer.writeNumbered(ID_PREFIX, number, ID_DIGITS);
        buffer.writeEncoded(cards.encodedId(card));
        buffer.writeLong(time);
        if (thief) {
            writeTheft(card);
        } else {
            writePurchase(card);
        }
        buffer.writeLong(hour);
        return buffer.toByteArray();
    }

    /** Whether payment {@code number} is made by a thief: what the demo's model is trained on. */
    boolean isTheft(long number) {
        card(number);
        return drawTheft(hour(time(number)));
    }

    private boolean drawTheft(int hour) {
        return random.nextDouble() < (hour < 6 ? FRAUD_BY_NIGHT : FRAUD_BY_DAY);
    }

    private static long time(long number) {
        return STORY_BEGIN + number * STORY_MILLIS_PER_PAYMENT;
    }

    private static int hour(long time) {
        return (int) (time / 3_600_000 % 24);
    }

    private void writePurchase(int card) {
        double amount = cents(cards.averageAmount(card) * Spread.factor(random));
        int mode = USUAL_MODES[random.nextInt(USUAL_MODES.length)];
        int merchant = merchants.usual(random, cards.country(card));
        boolean abroad = merchants.country(merchant) != cards.country(card);
        writePayment(card, amount, mode, merchant, abroad);
        boolean present = mode == CHIP || mode == CONTACTLESS;
        writeDistance(present, (abroad ? 900 : 6) * Spread.factor(random));
        boolean spree = random.nextInt(12) == 0;
        int minutes = spree ? random.nextInt(30) : 30 + random.nextInt(6000);
        writeSinceLast(random.nextInt(100) > 0, minutes);
        int lastHour = spree ? 1 + random.nextInt(4) : 0;
        int lastDay = lastHour + random.nextInt(4);
        buffer.writeLong(lastHour);
        buffer.writeLong(lastDay);
        buffer.writeFloat(
                (float) cents(lastDay * cards.averageAmount(card) * Spread.factor(random)));
        buffer.writeLong(random.nextInt(30) == 0 ? 1 : 0);
    }

    private void writeTheft(int card) {
        double amount = cents(cards.averageAmount(card) * (1 + 4 * Spread.factor(random)));
        int mode = THIEVES_MODES[random.nextInt(THIEVES_MODES.length)];
        int merchant = merchants.thieves(random);
        boolean abroad = merchants.country(merchant) != cards.country(card);
        writePayment(card, amount, mode, merchant, abroad);
        writeDistance(mode == MAGNETIC_STRIPE, 2500 * Spread.factor(random));
        writeSinceLast(true, random.nextInt(20));
        int lastHour = random.nextInt(10);
        buffer.writeLong(lastHour);
        buffer.writeLong(lastHour + random.nextInt(4));
        buffer.writeFloat((float) cents(lastHour * amount * (0.5 + random.nextDouble())));
        buffer.writeLong(random.nextInt(4));
    }

    private void writePayment(int card, double amount, int mode, int merchant, boolean abroad) {
        buffer.writeDouble(amount);
        buffer.writeLong(mode);
        buffer.writeEncoded(merchants.encoded(merchant));
        buffer.writeEncoded(cards.encoded(card));
        buffer.writeBoolean(abroad);
    }

    private void writeDistance(boolean known, double kilometres) {
        buffer.writeLong(known ? 1 : 0);
        if (known) {
            buffer.writeFloat((float) kilometres);
        }
    }

    private void writeSinceLast(boolean known, int minutes) {
        buffer.writeLong(known ? 1 : 0);
        if (known) {
            buffer.writeLong(minutes);
        }
    }

    private static double cents(double amount) {
        return Math.max(0.01, Math.rint(amount * 100) / 100);
    }
}
