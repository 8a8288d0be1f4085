package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ConnectException;
import org.junit.jupiter.api.Test;

class FailurePrinterTest {
    @Test
    void causesWithoutWordsAreLeftOut() {
        Exception failure =
                new IOException("no answer", new IOException(null, new IOException("refused")));

        assertThat(FailurePrinter.describe(failure)).isEqualTo("no answer: refused");
        assertThat(Failures.describe(failure)).isEqualTo("no answer: refused");
    }

    @Test
    void aFailureWithoutWordsHasItsName() {
        assertThat(FailurePrinter.describe(new ConnectException())).isEqualTo("ConnectException");
        assertThat(Failures.describe(new IOException(null, new ConnectException())))
                .isEqualTo("IOException");
    }
}
