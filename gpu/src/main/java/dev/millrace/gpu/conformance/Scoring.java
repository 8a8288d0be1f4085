package dev.millrace.gpu.conformance;

import java.util.List;

/** Runs a test's model on the test's inputs. */
interface Scoring {
    /**
     * Returns the outputs, in the model's order.
     *
     * @throws RefusedException if the model is not covered
     * @throws FailedException if it is, but scoring went wrong
     */
    List<TestTensor> score(TestModel model)
            throws RefusedException, FailedException, InterruptedException;

    /** A covered model could not be scored. */
    final class FailedException extends Exception {
        FailedException(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
