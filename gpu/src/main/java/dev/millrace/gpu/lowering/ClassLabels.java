package dev.millrace.gpu.lowering;

import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.Exprs;
import dev.millrace.gpu.model.ScalarKind;
import dev.millrace.gpu.model.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The labels of a classifier's classes. Strings have become numbers of their categories before. */
final class ClassLabels {
    private final long[] labels;

    private ClassLabels(long[] labels) {
        this.labels = labels;
    }

    /**
     * @param attribute {@code classlabels_int64s} or {@code classlabels_ints}
     */
    static ClassLabels of(NodeContext node, String attribute) {
        Optional<long[]> labels = node.integers(attribute);
        Refusal.unless(
                labels.isPresent() && labels.get().length > 0, "it has no labels of its classes");
        return new ClassLabels(labels.get());
    }

    int count() {
        return labels.length;
    }

    /** Label of the greatest score of each row; the first of equal ones. */
    Val ofGreatest(Builder builder, Val scores) {
        return ofGreatest(builder, scores, Optional.empty());
    }

    /**
     * @param counts where given, of the scores' shape: a score whose count is 0 is no score
     */
    Val ofGreatest(Builder builder, Val scores, Optional<Val> counts) {
        ScalarKind kind = scores.kind();
        List<View> inputs = new ArrayList<>();
        inputs.add(builder.view(scores));
        Expr term = new Expr.Load(0, kind);
        if (counts.isPresent()) {
            inputs.add(builder.view(counts.get()));
            Expr count = new Expr.Load(1, counts.get().kind());
            term =
                    Terms.select(
                            Terms.equal(count, Terms.like(count, 0)),
                            Terms.like(term, Double.NEGATIVE_INFINITY),
                            term);
        }
        Expr label = new Expr.Accumulated(ScalarKind.I64);
        if (!areNumbers()) {
            Val table = builder.constant(Tensor.of(ElementType.INT64, List.of(count()), labels));
            View start = builder.view(table);
            inputs.add(new View(start.value(), start.offset(), List.of(0, 0)));
            label = new Expr.LoadAt(inputs.size() - 1, label, ScalarKind.I64);
        }
        Deferred.Root root = new Deferred.Arg(true, false, List.of(scores.shape[1]), term);
        return builder.defer(
                ElementType.INT64,
                new int[] {scores.shape[0]},
                scores.rowAxis,
                new Deferred(builder.origin(), root, inputs, label));
    }

    private boolean areNumbers() {
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] != i) {
                return false;
            }
        }
        return true;
    }

    /** The second label where a score is above a bound, else the first. */
    Val ofSign(Builder builder, Val score, double bound) {
        return builder.elementwise(
                ElementType.INT64,
                List.of(score),
                v ->
                        Terms.select(
                                Terms.less(Terms.like(v.get(0), bound), v.get(0)),
                                Exprs.i64(labels[1]),
                                Exprs.i64(labels[0])));
    }
}
