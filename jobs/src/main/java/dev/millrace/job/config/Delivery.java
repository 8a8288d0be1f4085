package dev.millrace.job.config;

/** What happens to scored records and dead letters when a job fails and resumes. */
public enum Delivery {
    /** Every input has one output; readers must read committed records only. */
    EXACTLY_ONCE,
    /** Every input has at least one output; outputs since the last checkpoint come twice. */
    AT_LEAST_ONCE
}
