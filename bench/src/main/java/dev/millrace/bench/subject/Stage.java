package dev.millrace.bench.subject;

import java.util.List;
import jdk.jfr.consumer.RecordedFrame;

/** Where a stack sample belongs: the first frame from the top that one of these knows decides. */
public enum Stage {
    /** Feature decoding. */
    DECODE(
            "dev.millrace.schema.feature.",
            "dev.millrace.schema.wire.",
            "dev.millrace.job.RecordFeatures"),
    /** Making scored records. */
    SERIALISE(
            "dev.millrace.schema.",
            "dev.millrace.job.ScoredRecords",
            "dev.millrace.job.Provenance",
            "dev.millrace.bench."),
    /** Scoring. */
    ENGINE("dev.millrace.gpu.", "ai.onnxruntime."),
    /** Handing a record to the producer: serialisers, accumulator, batches. */
    SINK(
            "org.apache.kafka.clients.producer.",
            "org.apache.flink.connector.kafka.sink.",
            "org.apache.flink.streaming.runtime.operators.sink.",
            "dev.millrace.job.kafka.ReadyRecords"),
    /** Fetching and emitting records. */
    SOURCE(
            "org.apache.kafka.clients.consumer.",
            "org.apache.flink.connector.base.source.",
            "org.apache.flink.connector.kafka.source.",
            "org.apache.flink.streaming.api.operators.SourceOperator",
            "org.apache.flink.streaming.api.operators.source.",
            "dev.millrace.job.kafka.RawRecords"),
    /** The micro-batching operator's own work. */
    BATCH("dev.millrace.operator."),
    /** Flink's mailbox and task. */
    FLINK("org.apache.flink."),
    /** Anything else. */
    OTHER();

    @SuppressWarnings("ImmutableEnumChecker")
    private final String[] prefixes;

    Stage(String... prefixes) {
        this.prefixes = prefixes;
    }

    static Stage of(List<RecordedFrame> frames) {
        for (RecordedFrame frame : frames) {
            Stage stage = of(frame.getMethod().getType().getName());
            if (stage != OTHER) {
                return stage;
            }
        }
        return OTHER;
    }

    private static Stage of(String className) {
        for (Stage stage : values()) {
            for (String prefix : stage.prefixes) {
                if (className.startsWith(prefix)) {
                    return stage;
                }
            }
        }
        return OTHER;
    }
}
