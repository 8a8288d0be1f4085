package dev.millrace.gpu.cuda.kernel;

import dev.millrace.gpu.model.Access;
import dev.millrace.gpu.model.Step;
import java.util.LinkedHashSet;
import java.util.Set;

/** Which values a step touches. */
final class Uses {
    private Uses() {}

    /** Numbers of the values written. */
    static Set<Integer> writes(Step step) {
        Set<Integer> values = new LinkedHashSet<>();
        values.add(step.output().value());
        if (step instanceof Step.TopK topK) {
            topK.positions().map(Access::value).ifPresent(values::add);
        }
        return values;
    }

    /** Numbers of the values read. */
    static Set<Integer> reads(Step step) {
        Set<Integer> values = new LinkedHashSet<>();
        for (Access access : step.inputs()) {
            values.add(access.value());
        }
        return values;
    }

    /** Numbers of the values read or written. */
    static Set<Integer> of(Step step) {
        Set<Integer> values = reads(step);
        values.addAll(writes(step));
        return values;
    }
}
