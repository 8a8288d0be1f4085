package dev.millrace.schema.feature;

/**
 * Features that a schema or a tensor cannot feed: a fault of the pipeline's configuration, found
 * before any record is read. The message names every such feature.
 */
public final class UnusableFeatureException extends IllegalArgumentException {
    public UnusableFeatureException(String message) {
        super(message);
    }
}
