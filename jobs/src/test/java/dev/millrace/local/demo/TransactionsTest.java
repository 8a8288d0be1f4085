package dev.millrace.local.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.InputStream;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.junit.jupiter.api.Test;

class TransactionsTest {
    private static final int NUMBERS_TO_SPAN_A_DAY = 10;
    private static final Schema SCHEMA = schema();

    @Test
    void decodesByItsSchemaAndNothingIsLeftOver() throws Exception {
        Transactions transactions = new Transactions(7);
        for (long number = 0; number < 5_000; number++) {
            GenericRecord payment = decode(transactions.encode(number));
            String card = new String(transactions.cards().key(transactions.card(number)), UTF_8);
            assertThat(payment.get("id")).hasToString("tx-%010d".formatted(number));
            assertThat(payment.get("cardId")).hasToString(card);
            assertThat((double) payment.get("amount")).isBetween(0.01, 100_000.0);
            GenericRecord merchant = (GenericRecord) payment.get("merchant");
            GenericRecord holder = (GenericRecord) payment.get("card");
            assertThat(payment.get("abroad"))
                    .isEqualTo(!merchant.get("country").equals(holder.get("country")));
        }
    }

    @Test
    void makesTheSamePaymentWhateverWasMadeBefore() {
        Transactions forwards = new Transactions(7);
        Transactions backwards = new Transactions(7);
        byte[][] made = new byte[1_000][];
        for (int number = 0; number < made.length; number++) {
            made[number] = forwards.encode(number);
        }
        for (int number = made.length - 1; number >= 0; number--) {
            assertThat(backwards.encode(number)).isEqualTo(made[number]);
        }
    }

    @Test
    void makesOtherPaymentsFromAnotherSeed() {
        assertThat(new Transactions(7).encode(0)).isNotEqualTo(new Transactions(8).encode(0));
    }

    @Test
    void looksLikeCardPayments() throws Exception {
        Transactions transactions = new Transactions(7);
        int count = 50_000;
        int thefts = 0;
        int abroad = 0;
        int small = 0;
        for (long number = 0; number < count; number++) {
            GenericRecord payment = decode(transactions.encode(number * NUMBERS_TO_SPAN_A_DAY));
            thefts += transactions.isTheft(number * NUMBERS_TO_SPAN_A_DAY) ? 1 : 0;
            abroad += (boolean) payment.get("abroad") ? 1 : 0;
            small += (double) payment.get("amount") < 25 ? 1 : 0;
        }
        assertThat(thefts / (double) count).isCloseTo(0.005, within(0.004));
        assertThat(abroad / (double) count).isCloseTo(0.2, within(0.15));
        assertThat(small / (double) count).isCloseTo(0.5, within(0.1));
    }

    @Test
    void poisonsTheShareAskedForAndEveryPoisonedRecordIsUndecodable() {
        Transactions transactions = new Transactions(7);
        Poison poison = new Poison(7, 0.1, SCHEMA);
        int poisoned = 0;
        for (long number = 0; number < 20_000; number++) {
            if (poison.strikes(number)) {
                poisoned++;
                byte[] spoiled = poison.spoil(number, transactions.encode(number));
                assertThat(poison.spoil(number, transactions.encode(number))).isEqualTo(spoiled);
                assertThatThrownBy(() -> decode(spoiled)).isNotNull();
            }
        }
        assertThat(poisoned / 20_000.0).isCloseTo(0.1, within(0.01));
    }

    @Test
    void poisonsNothingUnlessAsked() {
        Poison poison = new Poison(7, 0, SCHEMA);
        for (long number = 0; number < 10_000; number++) {
            assertThat(poison.strikes(number)).isFalse();
        }
    }

    private static GenericRecord decode(byte[] value) throws Exception {
        BinaryDecoder decoder = DecoderFactory.get().binaryDecoder(value, null);
        GenericRecord payment = new GenericDatumReader<GenericRecord>(SCHEMA).read(null, decoder);
        assertThat(decoder.isEnd()).as("end of the record").isTrue();
        return payment;
    }

    private static Schema schema() {
        try (InputStream file =
                TransactionsTest.class.getResourceAsStream("/dev/millrace/demo/transaction.avsc")) {
            return new Schema.Parser().parse(file);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
