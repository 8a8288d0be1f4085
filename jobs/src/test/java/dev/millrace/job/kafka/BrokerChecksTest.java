package dev.millrace.job.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class BrokerChecksTest {
    @Test
    void comparesDurationsAsPeopleWriteThem() {
        assertThat(BrokerChecks.compared(Duration.ofMinutes(14), 604_800_000))
                .isEqualTo(
                        "'sink.transaction-timeout' is 14 min, the broker's transaction.max.timeout.ms is 7 d");
    }
}
