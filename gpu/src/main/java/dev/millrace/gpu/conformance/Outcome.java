package dev.millrace.gpu.conformance;

/**
 * What came of a test.
 *
 * @param test which
 * @param verdict how it ended
 * @param reason why it failed or was refused; empty if it passed
 */
public record Outcome(NodeTest test, Verdict verdict, String reason) {
    /** How a test ended. */
    public enum Verdict {
        /** Every output agreed. */
        PASSED,
        /** An output was wrong, or the engine failed on a model that it had accepted. */
        FAILED,
        /** The engine said beforehand that it does not cover the model. */
        REFUSED
    }
}
