package dev.millrace.operator.inference;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class MicroBatchInferenceOperatorTest {
    private static final InferenceOptions THREE_ROWS =
            InferenceOptions.DEFAULT
                    .withMaxBatchSize(3)
                    .withSlots(2)
                    .withLinger(Duration.ofMillis(5));

    private static TestingEngine engine() {
        return new TestingEngine(3, 2);
    }

    @Test
    void emitsScoresOfAFullMicroBatch() throws Exception {
        try (OperatorHarness harness = new OperatorHarness(engine(), THREE_ROWS)) {
            harness.send(1, 2, 3);
            harness.runMails();
            assertThat(harness.scores()).containsExactly(3L, 5L, 7L);
        }
    }
}
