package dev.millrace.operator.batch;

/** Why a micro-batch was closed and submitted. */
public enum FlushReason {
    /** It reached the size aimed for. */
    FULL,
    /** Its first record has waited for the linger time. */
    LINGER,
    /** A checkpoint barrier is due: nothing may be in flight when it passes. */
    CHECKPOINT,
    /** The input has ended. */
    END_OF_INPUT
}
