package dev.millrace.bench.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class SpreadTest {
    @Test
    void theMedianOfAnOddNumberIsTheOneInTheMiddle() {
        assertThat(Spread.of(List.of(9.0, 1.0, 2.0))).isEqualTo(new Spread(2, 1, 9));
    }

    @Test
    void theMedianOfAnEvenNumberLiesBetweenTheTwoInTheMiddle() {
        assertThat(Spread.of(List.of(9.0, 1.0, 2.0, 4.0))).isEqualTo(new Spread(3, 1, 9));
    }

    @Test
    void nothingHasNoMedian() {
        assertThatThrownBy(() -> Spread.of(List.of())).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aTargetSaysWhetherItIsMetUnlessTheFigureMeansNothing() {
        assertThat(Target.atLeast(0.85).text(0.85, false)).isEqualTo("at least 0.85, met");
        assertThat(Target.atLeast(0.85).text(0.84, false)).isEqualTo("at least 0.85, MISSED");
        assertThat(Target.atMost(20).text(21, false)).isEqualTo("at most 20, MISSED");
        assertThat(Target.atMost(20).text(21, true)).isEqualTo("at most 20");
    }
}
