package dev.millrace.job;

/**
 * A pipeline is right in itself, but the brokers it names are not as it needs them. Without a stack
 * trace, which would say nothing about them.
 */
public final class PipelineRefusedException extends Exception {
    public PipelineRefusedException(String message) {
        super(message, null, false, false);
    }
}
