package dev.millrace.gpu.inspection;

/**
 * What one check of a model found.
 *
 * @param engine backend, or two of them
 * @param check what was tried
 * @param verdict how it ended
 * @param detail numbers: how many records, where they differ
 */
public record Finding(String engine, String check, Verdict verdict, String detail) {
    /** How a check ended. */
    public enum Verdict {
        /** As promised. */
        KEPT,
        /** Not as promised. */
        BROKEN,
        /** Nothing is promised; the detail says what was seen. */
        SEEN
    }
}
