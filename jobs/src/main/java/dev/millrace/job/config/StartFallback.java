package dev.millrace.job.config;

/** Where a partition starts for which there is no committed or given offset. */
public enum StartFallback {
    EARLIEST,
    LATEST,
    /** Nowhere: the job fails. */
    NONE
}
