package dev.millrace.gpu.lowering;

import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.ScalarKind;
import dev.millrace.gpu.model.Step;
import java.util.List;

/**
 * A computation not yet made a step, so that what follows can still be fused into it.
 *
 * @param origin operators and node names
 * @param root the sum or reduction at its heart
 * @param inputs strides over the result's shape followed by the root's reduced dimensions
 * @param expr body of an elementwise step, or finish of the root
 */
record Deferred(String origin, Root root, List<View> inputs, Expr expr) {
    /** What a step accumulates before {@code expr}. */
    sealed interface Root {
        List<Integer> reduced();
    }

    /** Nothing: an elementwise step. */
    record None() implements Root {
        @Override
        public List<Integer> reduced() {
            return List.of();
        }
    }

    /** Inputs 0 and 1 are multiplied. */
    record Product(ScalarKind kind, List<Integer> reduced, boolean smallIntegers, Expr initial)
            implements Root {}

    record Reduce(ScalarKind kind, Step.Combine combine, List<Integer> reduced, Expr term)
            implements Root {}

    record Arg(boolean maximum, boolean last, List<Integer> reduced, Expr term) implements Root {}

    boolean isElementwise() {
        return root instanceof None;
    }
}
