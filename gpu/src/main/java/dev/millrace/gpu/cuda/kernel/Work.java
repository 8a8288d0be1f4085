package dev.millrace.gpu.cuda.kernel;

import dev.millrace.gpu.model.Step;

/** How much there is to do for one row. */
final class Work {
    private Work() {}

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
