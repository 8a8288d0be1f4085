package dev.millrace.operator.batch;

/**
 * Something that travels with the records but is none: a watermark, a watermark status, record
 * attributes, a latency marker. It keeps its place between the records around it.
 */
@FunctionalInterface
public interface Signal {
    /** Sends it on. Called on the owner's thread, after all records before it are out. */
    void release() throws Exception;
}
