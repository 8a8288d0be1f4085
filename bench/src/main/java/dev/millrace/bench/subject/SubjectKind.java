package dev.millrace.bench.subject;

/** What can be measured. */
public enum SubjectKind {
    /** Kafka's clients alone: every record consumed and an output of the same size produced. */
    RAW_COPY("raw copy, no Flink"),
    /** One thread without Flink: consume, decode, score in micro-batches, produce. */
    RAW_SCORING("raw scoring, no Flink"),
    /** A Flink job that copies: same source, sink, headers and output size as Millrace. */
    PASS_THROUGH("Flink pass-through"),
    /** What people write first: a map function that scores record by record. */
    NAIVE_MAP("Flink map, batch 1"),
    /** What people write next: asynchronous I/O, record by record. */
    NAIVE_ASYNC("Flink AsyncDataStream, batch 1"),
    /** The scoring job without transactions. */
    MILLRACE_AT_LEAST_ONCE("Millrace at-least-once"),
    /** The scoring job as it is by default. */
    MILLRACE_EXACTLY_ONCE("Millrace exactly-once");

    private final String title;

    SubjectKind(String title) {
        this.title = title;
    }

    /** What tables call it. */
    public String title() {
        return title;
    }

    public boolean isMillrace() {
        return this == MILLRACE_AT_LEAST_ONCE || this == MILLRACE_EXACTLY_ONCE;
    }

    /** Whether it scores record by record, so that it sees a part of the records only. */
    public boolean isNaive() {
        return this == NAIVE_MAP || this == NAIVE_ASYNC;
    }

    Subject create(SubjectSpec spec) {
        return switch (this) {
            case RAW_COPY -> new RawCopy(spec);
            case RAW_SCORING -> new RawScoring(spec);
            case PASS_THROUGH -> new PassThroughJob(spec);
            case NAIVE_MAP -> new NaiveMapJob(spec);
            case NAIVE_ASYNC -> new NaiveAsyncJob(spec);
            case MILLRACE_AT_LEAST_ONCE, MILLRACE_EXACTLY_ONCE -> new MillraceJob(spec);
        };
    }
}
