package dev.millrace.gpu.lowering;

import dev.millrace.gpu.model.Access;
import dev.millrace.gpu.model.Step;
import java.util.ArrayList;
import java.util.List;

/** What steps read and write. */
final class Accesses {
    private Accesses() {}

    static List<Access> written(Step step) {
        List<Access> written = new ArrayList<>();
        written.add(step.output());
        if (step instanceof Step.TopK topK) {
            topK.positions().ifPresent(written::add);
        }
        return written;
    }

    /** The step on values with other numbers. */
    static Step mapped(Step step, int[] numbers) {
        List<Access> in = new ArrayList<>();
        step.inputs().forEach(access -> in.add(mapped(access, numbers)));
        Access out = mapped(step.output(), numbers);
        if (step instanceof Step.Elementwise s) {
            return new Step.Elementwise(s.origin(), s.space(), in, s.body(), out);
        }
        if (step instanceof Step.Contraction s) {
            return new Step.Contraction(
                    s.origin(),
                    s.kind(),
                    s.space(),
                    s.reduced(),
                    s.smallIntegers(),
                    in,
                    s.initial(),
                    s.finish(),
                    out);
        }
        if (step instanceof Step.Reduction s) {
            return new Step.Reduction(
                    s.origin(),
                    s.kind(),
                    s.combine(),
                    s.space(),
                    s.reduced(),
                    in,
                    s.term(),
                    s.finish(),
                    out);
        }
        if (step instanceof Step.ArgReduction s) {
            return new Step.ArgReduction(
                    s.origin(),
                    s.maximum(),
                    s.last(),
                    s.space(),
                    s.reduced(),
                    in,
                    s.term(),
                    s.finish(),
                    out);
        }
        if (step instanceof Step.RunningSum s) {
            return new Step.RunningSum(
                    s.origin(),
                    s.kind(),
                    s.space(),
                    s.length(),
                    s.exclusive(),
                    s.reverse(),
                    in.get(0),
                    out);
        }
        if (step instanceof Step.TopK s) {
            return new Step.TopK(
                    s.origin(),
                    s.kind(),
                    s.largest(),
                    s.space(),
                    s.length(),
                    s.count(),
                    in.get(0),
                    out,
                    s.positions().map(access -> mapped(access, numbers)));
        }
        if (step instanceof Step.TreeEnsemble s) {
            return new Step.TreeEnsemble(s.origin(), s.trees(), in.get(0), out);
        }
        throw new IllegalArgumentException("Unknown step " + step);
    }

    private static Access mapped(Access access, int[] numbers) {
        return new Access(numbers[access.value()], access.offset(), access.strides());
    }
}
