package dev.millrace.gpu.cuda.kernel;

import dev.millrace.gpu.model.Step;

/** How much there is to do for one row. */
final class Work {
    /** More points than this keep a grid busy with few rows; a block would take them in turns. */
    private static final int SMALL_POINTS = 2048;

    private static final long SMALL_OPERATIONS = 1 << 20;

    private Work() {}

    /** Whether a block should do the step for several rows. */
    static boolean isSmall(Step step) {
        return points(step) <= SMALL_POINTS
                && (long) points(step) * along(step) <= SMALL_OPERATIONS;
    }

    /** What each point goes along, one after another. */
    private static long along(Step step) {
        if (step instanceof Step.Contraction contraction) {
            return Point.size(contraction.reduced());
        }
        if (step instanceof Step.Reduction reduction) {
            return Point.size(reduction.reduced());
        }
        if (step instanceof Step.ArgReduction reduction) {
            return Point.size(reduction.reduced());
        }
        if (step instanceof Step.RunningSum sum) {
            return sum.length();
        }
        if (step instanceof Step.TopK topK) {
            return (long) topK.length() * topK.count();
        }
        return 1;
    }

    /** Independent points of a step. */
    static int points(Step step) {
        if (step instanceof Step.Elementwise elementwise) {
            return Point.size(elementwise.space());
        }
        if (step instanceof Step.Contraction contraction) {
            return Point.size(contraction.space());
        }
        if (step instanceof Step.Reduction reduction) {
            return Point.size(reduction.space());
        }
        if (step instanceof Step.ArgReduction reduction) {
            return Point.size(reduction.space());
        }
        if (step instanceof Step.RunningSum sum) {
            return Point.size(sum.space());
        }
        if (step instanceof Step.TopK topK) {
            return Point.size(topK.space());
        }
        if (step instanceof Step.TreeEnsemble ensemble) {
            return ensemble.trees().targets();
        }
        throw new IllegalStateException("No kernel for " + step.origin());
    }
}
