package dev.millrace.local.demo;

import dev.millrace.local.demo.Ledger.Outcome;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The proof at a demo's end: all topics are read again, from the beginning, and every submitted
 * record is looked for.
 *
 * @param submitted records in the source topic
 * @param totals what came out
 * @param missing submitted records that did not come out
 * @param firstMissing some of them, as {@code partition:offset}
 * @param wronglyDead dead letters whose key, value or reason to be dead is not what was submitted
 */
record Verification(
        long submitted, Ledger.Totals totals, long missing, String firstMissing, long wronglyDead) {
    private static final int LISTED = 5;

    /** Reads everything that is committed. */
    static Verification of(DemoTopics topics, Plan plan, Poison poison) {
        long[] ends = topics.transactionEnds();
        Ledger ledger = new Ledger(plan.partitions());
        Transactions transactions = new Transactions(plan.seed());
        AtomicLong wronglyDead = new AtomicLong();
        Outcomes.Listener listener =
                (outcome, submittedMs, found) -> {
                    if (outcome == Outcome.SCORED) {
                        return;
                    }
                    long number = DemoTopics.number(found.headers());
                    byte[] key = transactions.cards().key(transactions.card(number));
                    byte[] value = poison.spoil(number, transactions.encode(number));
                    if (!poison.strikes(number)
                            || !Arrays.equals(key, found.key())
                            || !Arrays.equals(value, found.value())) {
                        wronglyDead.incrementAndGet();
                    }
                };
        try (Outcomes outcomes = new Outcomes(topics, ledger, listener)) {
            outcomes.readToEnd();
        }
        return new Verification(
                Arrays.stream(ends).sum(),
                ledger.totals(),
                ledger.missing(ends),
                ledger.firstMissing(ends, LISTED),
                wronglyDead.get());
    }

    /** Whether the promise was kept. */
    boolean holds() {
        return missing == 0
                && totals.doubled() == 0
                && totals.outOfOrder() == 0
                && totals.accounted() == submitted
                && wronglyDead == 0;
    }

    /** For people. */
    String sentence() {
        long doubled = totals.doubled();
        StringBuilder text = new StringBuilder();
        text.append(Texts.count(submitted)).append(" submitted, ");
        text.append(Texts.count(totals.scored())).append(" scored, ");
        text.append(Texts.count(totals.deadLetters())).append(" dead letters, ");
        text.append(missing == 0 ? "nothing lost" : Texts.count(missing) + " LOST");
        text.append(missing == 0 ? "" : " (" + firstMissing + ")").append(", ");
        text.append(doubled == 0 ? "nothing doubled" : Texts.count(doubled) + " DOUBLED");
        if (totals.outOfOrder() > 0) {
            text.append(", ").append(Texts.count(totals.outOfOrder())).append(" OUT OF ORDER");
        }
        if (wronglyDead > 0) {
            text.append(", ").append(Texts.count(wronglyDead)).append(" dead letters ALTERED");
        }
        return text.toString();
    }
}
