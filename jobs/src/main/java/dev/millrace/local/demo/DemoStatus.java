package dev.millrace.local.demo;

import java.util.List;
import java.util.Map;

/**
 * How a demo stands.
 *
 * @param seconds since this run began to submit
 * @param phase what is going on, in a word or two
 * @param submitted records submitted, by all runs
 * @param planned records to submit, {@link Long#MAX_VALUE} for no end
 * @param totals what came out, of all runs
 * @param submittedPerSecond over the last seconds
 * @param donePerSecond records that came out, over the last seconds
 * @param doneOverTime the same for each of the last seconds
 * @param latency from submission until a reader of committed records has the scored record
 * @param batching what the operator does
 * @param engine what scores, or a sentence that it is starting
 * @param samples records that came out lately, one line each
 */
record DemoStatus(
        long seconds,
        String phase,
        long submitted,
        long planned,
        Ledger.Totals totals,
        double submittedPerSecond,
        double donePerSecond,
        List<Double> doneOverTime,
        Latency latency,
        Batching batching,
        String engine,
        List<String> samples) {
    /** Percentiles in milliseconds. */
    record Latency(long count, double p50, double p90, double p99, double max) {
        static final Latency NONE = new Latency(0, 0, 0, 0, 0);
    }

    /**
     * Figures of the operator.
     *
     * @param medianRows median size of the last micro-batches
     * @param largestRows size of the largest of them
     * @param flushes how many micro-batches were submitted, by reason
     * @param operatorP50Ms median time in the operator, from a micro-batch's first record on
     * @param operatorP99Ms the same, exceeded by one micro-batch in a hundred
     */
    record Batching(
            double medianRows,
            long largestRows,
            Map<String, Long> flushes,
            double operatorP50Ms,
            double operatorP99Ms) {}
}
