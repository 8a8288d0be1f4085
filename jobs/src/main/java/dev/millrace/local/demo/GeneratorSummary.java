package dev.millrace.local.demo;

import java.util.Locale;
import java.util.Optional;

/**
 * How a generator ended.
 *
 * @param submitted records in the topic of transactions
 * @param seconds it submitted for
 * @param verification what the topics hold, where it was asked to account for them
 * @param latency from submission until a reader of committed records has the scored record
 */
public record GeneratorSummary(
        long submitted,
        double seconds,
        Optional<Verification> verification,
        DemoStatus.Latency latency) {
    /** Whether every record came out exactly once, in order, as far as that was looked at. */
    public boolean holds() {
        return verification.map(Verification::holds).orElse(true);
    }

    /** For people. */
    public String sentence() {
        return verification
                .map(
                        account ->
                                "%s; latency p50 %s, p99 %s, max %s"
                                        .formatted(
                                                account.sentence(),
                                                Texts.millis(latency.p50()),
                                                Texts.millis(latency.p99()),
                                                Texts.millis(latency.max())))
                .orElse(Texts.count(submitted) + " submitted");
    }

    /** One line of JSON. */
    public String json() {
        String begin =
                String.format(
                        Locale.ROOT, "{\"submitted\":%d,\"seconds\":%.1f", submitted, seconds);
        return begin + verification.map(this::accountJson).orElse("") + "}";
    }

    private String accountJson(Verification account) {
        return String.format(
                Locale.ROOT,
                ",\"scored\":%d,\"deadLetters\":%d,\"lost\":%d,\"doubled\":%d,\"outOfOrder\":%d,"
                        + "\"alteredDeadLetters\":%d,\"holds\":%b,"
                        + "\"latencyMs\":{\"p50\":%.0f,\"p99\":%.0f,\"max\":%.0f}",
                account.totals().scored(),
                account.totals().deadLetters(),
                account.missing(),
                account.totals().doubled(),
                account.totals().outOfOrder(),
                account.wronglyDead(),
                account.holds(),
                latency.p50(),
                latency.p99(),
                latency.max());
    }
}
