package dev.millrace.job;

/** A pipeline is right in itself, but the brokers it names are not as it needs them. */
public final class PipelineRefusedException extends Exception {
    public PipelineRefusedException(String message) {
        super(message);
    }
}
