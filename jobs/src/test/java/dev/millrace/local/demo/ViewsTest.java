package dev.millrace.local.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ViewsTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(bytes, true, UTF_8);

    @Test
    void showsEveryFigureOnThePage() {
        try (DemoView view = Appearance.PAGE.on(out)) {
            view.show(status(1_200_000));
        }
        assertThat(shown())
                .contains("1,200,000 of 2,000,000 (60 %)")
                .contains("1,190,000")
                .contains("10,000")
                .contains("123,456/s")
                .contains("▁█")
                .contains("p50 512 ms   p90 700 ms   p99 980 ms")
                .contains("median 1,024 records")
                .contains("full 75 %   linger 25 %")
                .contains("cpu on CPU (AVX2)")
                .contains("tx-1 was scored");
    }

    @Test
    void drawsThePageOverTheLastOne() {
        try (DemoView view = Appearance.PAGE.on(out)) {
            view.show(status(1));
            long lines = shown().chars().filter(c -> c == '\n').count();
            bytes.reset();
            view.show(status(2));
            assertThat(shown()).startsWith("\u001b[" + lines + "A");
        }
    }

    @Test
    void givesTheTerminalBackOnce() {
        DemoView view = Appearance.PAGE.on(out);
        bytes.reset();
        view.close();
        view.close();
        assertThat(shown()).isEqualTo("\u001b[?25h\u001b[?7h");
    }

    @Test
    void writesPlainLinesWithoutATerminal() {
        try (DemoView view = Appearance.LINES.on(out)) {
            view.say("Kafka 127.0.0.1:9092");
            view.show(status(1_200_000));
        }
        assertThat(shown().lines())
                .containsExactly(
                        "Kafka 127.0.0.1:9092",
                        "0:01:02  running  submitted 1,200,000  scored 1,190,000  dead letters"
                                + " 10,000  123,456/s  latency p50 512 ms p99 980 ms  rows 1024");
    }

    @Test
    void saysNothingWhenSilent() {
        try (DemoView view = Appearance.SILENT.on(out)) {
            view.say("Kafka");
            view.show(status(1));
        }
        assertThat(shown()).isEmpty();
    }

    private String shown() {
        return bytes.toString(UTF_8);
    }

    private static DemoStatus status(long submitted) {
        return new DemoStatus(
                62,
                "running",
                submitted,
                2_000_000,
                new Ledger.Totals(1_190_000, 10_000, 0, 0),
                130_000,
                123_456,
                List.of(0.0, 10.0),
                new DemoStatus.Latency(10, 512, 700, 980, 1000),
                new DemoStatus.Batching(1024, 1024, flushes(), 3.1, 6),
                "cpu on CPU (AVX2), fp32",
                List.of("tx-1 was scored"));
    }

    private static Map<String, Long> flushes() {
        Map<String, Long> flushes = new LinkedHashMap<>();
        flushes.put("full", 3L);
        flushes.put("linger", 1L);
        return flushes;
    }
}
