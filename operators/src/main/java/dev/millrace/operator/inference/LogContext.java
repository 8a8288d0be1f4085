package dev.millrace.operator.inference;

/**
 * Keys of the logging context ({@link org.slf4j.MDC}) of task threads, for structured logs. Set
 * when a task starts. The model's follows releases, the batch's is set only around what is logged
 * about it.
 */
public final class LogContext {
    /** The pipeline's name. */
    public static final String PIPELINE = "pipeline";

    /**
     * Name and version of the model that scores: of several, the champion for the records that the
     * task is at.
     */
    public static final String MODEL = "model";

    /** The number of the micro-batch that a line is about. */
    public static final String BATCH = "batch";

    private LogContext() {}
}
