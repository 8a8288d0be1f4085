package dev.millrace.local.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.local.demo.Ledger.Outcome;
import dev.millrace.local.demo.Ledger.Totals;
import org.junit.jupiter.api.Test;

class LedgerTest {
    private final Ledger ledger = new Ledger(2);

    @Test
    void balancesWhenEveryRecordCameOnceInOrder() {
        ledger.enter(Outcome.SCORED, 0, 0);
        ledger.enter(Outcome.DEAD_LETTER, 0, 1);
        ledger.enter(Outcome.SCORED, 0, 2);
        ledger.enter(Outcome.SCORED, 1, 0);
        assertThat(totals()).isEqualTo(new Totals(3, 1, 0, 0));
        assertThat(ledger.missing(new long[] {3, 1})).isZero();
    }

    @Test
    void countsWhatIsMissingAndNamesIt() {
        ledger.enter(Outcome.SCORED, 0, 0);
        ledger.enter(Outcome.SCORED, 0, 3);
        assertThat(ledger.missing(new long[] {4, 2})).isEqualTo(4);
        assertThat(ledger.firstMissing(new long[] {4, 2}, 3)).isEqualTo("0:1, 0:2, 1:0");
    }

    @Test
    void countsWhatCameTwiceEvenAsScoredAndAsDeadLetter() {
        ledger.enter(Outcome.SCORED, 0, 0);
        ledger.enter(Outcome.SCORED, 0, 0);
        ledger.enter(Outcome.DEAD_LETTER, 0, 0);
        assertThat(totals()).isEqualTo(new Totals(2, 1, 2, 0));
        assertThat(totals().accounted()).isEqualTo(1);
    }

    @Test
    void countsWhatCameAfterALaterRecordOfItsPartition() {
        ledger.enter(Outcome.SCORED, 0, 1);
        ledger.enter(Outcome.SCORED, 1, 0);
        ledger.enter(Outcome.SCORED, 0, 0);
        assertThat(totals().outOfOrder()).isEqualTo(1);
    }

    private Totals totals() {
        ledger.publish();
        return ledger.totals();
    }
}
