package dev.millrace.operator.inference;

import dev.millrace.operator.deadletter.DeadLetter;
import org.apache.flink.streaming.api.operators.Output;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.util.OutputTag;

/** Sends dead letters to their side output, and counts them. Task thread only. */
final class DeadLetterOutput<IN> {
    private final Output<?> output;
    private final OutputTag<DeadLetter<IN>> tag;
    private final InferenceMetrics metrics;

    /**
     * @param tag the side output, or null where a record that cannot be scored fails the task
     */
    DeadLetterOutput(Output<?> output, OutputTag<DeadLetter<IN>> tag, InferenceMetrics metrics) {
        this.output = output;
        this.tag = tag;
        this.metrics = metrics;
    }

    void emit(
            IN element, long timestamp, boolean hasTimestamp, DeadLetter.Kind kind, Exception cause)
            throws InferenceException {
        if (tag == null) {
            throw new InferenceException(
                    "A record is %s and there is no dead-letter output to divert it to; name one with deadLetters(...): %s"
                            .formatted(kind, cause.getMessage()),
                    cause);
        }
        long kept = hasTimestamp ? timestamp : DeadLetter.NO_TIMESTAMP;
        StreamRecord<DeadLetter<IN>> record =
                new StreamRecord<>(
                        new DeadLetter<>(element, kind, String.valueOf(cause.getMessage()), kept));
        if (hasTimestamp) {
            record.setTimestamp(timestamp);
        }
        output.collect(tag, record);
        metrics.deadLetterCounter(kind).inc();
    }
}
