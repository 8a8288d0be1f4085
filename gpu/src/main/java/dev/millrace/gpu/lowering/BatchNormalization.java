package dev.millrace.gpu.lowering;

import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.Step;
import java.util.List;

/**
 * Batch normalisation. With the model's own statistics it is one multiplication and one addition;
 * with those of the batch it mixes records, unless a record is a whole set of inputs.
 */
final class BatchNormalization {
    /** Before, an attribute said whether the model was being trained. */
    private static final int ALWAYS_INFERENCE = 7;

    private final NodeContext node;
    private final Builder builder;
    private final Val value;
    private final ElementType type;
    private final float epsilon;

    private BatchNormalization(NodeContext node) {
        this.node = node;
        builder = node.builder();
        value = ElementwiseOps.requireFloat(node.input(0));
        Refusal.unless(value.rank() >= 2, "%s has no channels", value);
        type = ReductionOps.accumulator(value);
        epsilon = node.real("epsilon", NormalizationOps.EPSILON);
    }

    /** Statistics of each channel. */
    private record Statistics(Val mean, Val variance) {}

    static void lower(NodeContext node) {
        boolean tested = node.version() >= ALWAYS_INFERENCE || node.flag("is_test", false);
        boolean training = node.flag("training_mode", false);
        float momentum = node.real("momentum", 0.9f);
        node.ignoreAttributes("is_test");
        Refusal.unless(node.flag("spatial", true), "statistics per position are not covered");
        Refusal.unless(
                tested && (training || !node.wants(1)),
                "training is not covered; export the model for inference");
        BatchNormalization normalization = new BatchNormalization(node);
        Statistics known = new Statistics(normalization.perChannel(3), normalization.perChannel(4));
        if (training) {
            Statistics own = normalization.own();
            node.output(1, normalization.moved(known.mean, own.mean, momentum, 3));
            node.output(2, normalization.moved(known.variance, own.variance, momentum, 4));
            known = own;
        }
        node.output(normalization.normal(known));
    }

    private Val perChannel(int input) {
        return NormalizationOps.perChannel(builder, value, node.input(input));
    }

    private Val normal(Statistics statistics) {
        Val factor =
                builder.elementwise(
                        type,
                        List.of(perChannel(1), statistics.variance),
                        x -> Terms.div(x.get(0), NormalizationOps.deviation(x.get(1), epsilon)));
        builder.view(factor);
        Val shift =
                builder.elementwise(
                        type,
                        List.of(perChannel(2), statistics.mean, factor),
                        x -> Terms.sub(x.get(0), Terms.mul(x.get(1), x.get(2))));
        return builder.elementwise(
                value.type,
                List.of(value, factor, shift),
                x -> Terms.add(Terms.mul(x.get(0), x.get(1)), x.get(2)));
    }

    /** The statistics of the batch itself. */
    private Statistics own() {
        int[] others = Shapes.concat(new int[] {0}, Shapes.range(2, value.rank()));
        builder.view(value);
        Val mean = NormalizationOps.mean(builder, value, others, x -> x);
        builder.view(mean);
        Val squares =
                Reductions.reduce(
                        builder,
                        Step.Combine.SUM,
                        type,
                        List.of(value, mean),
                        others,
                        true,
                        x -> square(Terms.sub(x.get(0), x.get(1))));
        int count = value.elements() / Math.max(1, value.shape[1]);
        Val variance =
                builder.elementwise(
                        type,
                        List.of(squares),
                        x -> Terms.div(x.get(0), Terms.like(x.get(0), count)));
        builder.view(variance);
        return new Statistics(mean, variance);
    }

    private static Expr square(Expr x) {
        return Terms.mul(x, x);
    }

    /** The statistics that training would go on with. */
    private Val moved(Val before, Val own, float momentum, int input) {
        Val like = node.input(input);
        Val moved =
                builder.elementwise(
                        like.type,
                        List.of(before, own),
                        x -> {
                            Expr old = Terms.mul(x.get(0), Terms.like(x.get(0), momentum));
                            Expr share = Terms.like(x.get(1), 1 - momentum);
                            return Terms.add(old, Terms.mul(x.get(1), share));
                        });
        return Views.reshape(builder, moved, like.shape, Rows.NONE);
    }
}
