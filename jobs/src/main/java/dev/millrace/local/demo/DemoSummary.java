package dev.millrace.local.demo;

import java.util.Locale;

/** How a demo ended. Immutable. */
public final class DemoSummary {
    private final Verification verification;
    private final double recordsPerSecond;
    private final DemoStatus.Latency latency;
    private final String engine;

    /**
     * What is known at the end.
     *
     * @param verification what the topics hold
     * @param recordsPerSecond what came out in this run, by its time
     * @param latency of what was submitted in this run
     * @param engine what scored
     */
    DemoSummary(
            Verification verification,
            double recordsPerSecond,
            DemoStatus.Latency latency,
            String engine) {
        this.verification = verification;
        this.recordsPerSecond = recordsPerSecond;
        this.latency = latency;
        this.engine = engine;
    }

    /** Whether every submitted record came out exactly once, in order. */
    public boolean holds() {
        return verification.holds();
    }

    /** One line of JSON. */
    public String json() {
        return String.format(
                Locale.ROOT,
                "{\"submitted\":%d,\"scored\":%d,\"deadLetters\":%d,\"recordsPerSecond\":%.1f,"
                        + "\"latencyMs\":{\"p50\":%.1f,\"p99\":%.1f},\"engine\":\"%s\"}",
                verification.submitted(),
                verification.totals().scored(),
                verification.totals().deadLetters(),
                recordsPerSecond,
                latency.p50(),
                latency.p99(),
                engineName());
    }

    /** What was found in the topics, for people. */
    public String sentence() {
        return verification.sentence();
    }

    /** How fast it was, for people. */
    public String speed() {
        return "%s, latency p50 %s p99 %s until a reader of committed records has it, engine %s"
                .formatted(
                        Texts.rate(recordsPerSecond),
                        Texts.millis(latency.p50()),
                        Texts.millis(latency.p99()),
                        engineName());
    }

    /** The backend: an engine is described as backend, device, precision and reason. */
    private String engineName() {
        int space = engine.indexOf(' ');
        return space < 0 ? engine : engine.substring(0, space);
    }
}
