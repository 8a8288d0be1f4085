package dev.millrace.gpu.lowering;

import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.model.BinaryOp;
import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.Exprs;
import dev.millrace.gpu.model.ScalarKind;
import dev.millrace.gpu.model.Step;
import dev.millrace.gpu.model.UnaryOp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Normalisation over batches, layers, groups and channels. */
final class NormalizationOps {
    static final float EPSILON = 1e-5f;

    /** Before, GroupNormalization had one scale per group, since then one per channel. */
    private static final int SCALES_PER_CHANNEL = 21;

    private NormalizationOps() {}

    static void register(Operators operators) {
        operators.standard("BatchNormalization", BatchNormalization::lower);
        operators.standard("InstanceNormalization", NormalizationOps::instance);
        operators.standard("GroupNormalization", NormalizationOps::group);
        operators.standard("LayerNormalization", NormalizationOps::layer);
        operators.standard("RMSNormalization", NormalizationOps::rootMeanSquare);
        operators.contributed("SimplifiedLayerNormalization", NormalizationOps::rootMeanSquare);
        operators.contributed("SkipLayerNormalization", NormalizationOps::skipLayer);
        operators.standard("LpNormalization", NormalizationOps::lp);
        operators.standard("LRN", NormalizationOps::localResponse);
        operators.standard("MeanVarianceNormalization", NormalizationOps::meanVariance);
    }

    static Expr deviation(Expr variance, float epsilon) {
        return Terms.unary(UnaryOp.SQRT, Terms.add(variance, Terms.like(variance, epsilon)));
    }

    /** A vector along dimension 1 of a value, as the value's kind. */
    static Val perChannel(Builder builder, Val value, Val vector) {
        Refusal.unless(
                vector.rank() == 1 && vector.shape[0] == value.shape[1] && vector.isFloat(),
                "%s does not fit the channels of %s",
                vector,
                value);
        Rows.absent(vector, "a channel's setting");
        Val result = SelectionOps.converted(builder, vector, ReductionOps.accumulator(value));
        for (int axis = 2; axis < value.rank(); axis++) {
            result = Views.unsqueeze(builder, result, 1);
        }
        return result;
    }

    // Means and variances of the record itself

    /** A value less its mean, and what to multiply that with. */
    private record Centred(Val distance, Val mean, Val inverse) {}

    /** Along dimensions, in FLOAT32 (FLOAT64). All three are computed. */
    private static Centred centred(Builder builder, Val value, int[] axes, float epsilon) {
        ElementType type = ReductionOps.accumulator(value);
        builder.view(value);
        Val mean = mean(builder, value, axes, x -> x);
        builder.view(mean);
        Val distance =
                builder.elementwise(type, List.of(value, mean), x -> Terms.sub(x.get(0), x.get(1)));
        builder.view(distance);
        Val variance = mean(builder, distance, axes, x -> Terms.mul(x, x));
        Val inverse = inverse(builder, variance, epsilon);
        return new Centred(distance, mean, inverse);
    }

    private static Val inverse(Builder builder, Val variance, float epsilon) {
        Val inverse =
                builder.elementwise(
                        variance.type,
                        List.of(variance),
                        x -> Terms.div(Terms.like(x.get(0), 1), deviation(x.get(0), epsilon)));
        builder.view(inverse);
        return inverse;
    }

    static Val mean(Builder builder, Val value, int[] axes, UnaryOperator<Expr> term) {
        int count = 1;
        for (int axis : axes) {
            count = Math.multiplyExact(count, value.shape[axis]);
        }
        int elements = count;
        ElementType type = ReductionOps.accumulator(value);
        Val sum = Reductions.reduce(builder, Step.Combine.SUM, type, value, axes, true, term);
        return builder.elementwise(
                type, List.of(sum), x -> Terms.div(x.get(0), Terms.like(x.get(0), elements)));
    }

    private static Val scaled(
            Builder builder,
            ElementType type,
            Val distance,
            Val inverse,
            Val scale,
            Optional<Val> bias) {
        List<Val> operands = new ArrayList<>(List.of(distance, inverse, scale));
        bias.ifPresent(operands::add);
        int[] shape = distance.shape;
        for (Val operand : operands) {
            Refusal.unless(
                    Arrays.equals(Shapes.broadcast(shape, operand.shape), shape),
                    "%s does not fit %s",
                    operand,
                    distance);
        }
        ScalarKind kind = distance.kind();
        return builder.elementwise(
                type,
                operands,
                x -> {
                    Expr normal = Terms.mul(x.get(0), x.get(1));
                    Expr factor = Terms.convert(kind, scale.type, x.get(2));
                    Expr product = Terms.mul(normal, factor);
                    return x.size() == 3
                            ? product
                            : Terms.add(product, Terms.convert(kind, scale.type, x.get(3)));
                });
    }

    private static void instance(NodeContext node) {
        float epsilon = node.real("epsilon", EPSILON);
        Val value = ElementwiseOps.requireFloat(node.input(0));
        Refusal.unless(value.rank() >= 3, "%s has no positions", value);
        Builder builder = node.builder();
        Val scale = perChannel(builder, value, node.input(1));
        Val bias = perChannel(builder, value, node.input(2));
        int[] axes = Shapes.range(2, value.rank());
        Centred centred = centred(builder, value, axes, epsilon);
        node.output(
                scaled(
                        builder,
                        value.type,
                        centred.distance,
                        centred.inverse,
                        scale,
                        Optional.of(bias)));
    }

    private static void group(NodeContext node) {
        float epsilon = node.real("epsilon", EPSILON);
        requireFloatStash(node);
        int groups = Shapes.extent(node.integer("num_groups", 0));
        Val value = ElementwiseOps.requireFloat(node.input(0));
        Val scale = node.input(1);
        Val bias = node.input(2);
        Refusal.unless(
                value.rank() >= 3 && groups > 0 && value.shape[1] % groups == 0,
                "%d groups do not fit %s",
                groups,
                value);
        Rows.spared(value, 1);
        Refusal.unless(value.rowAxis <= 0, "%s has its rows elsewhere", value);
        Builder builder = node.builder();
        int channels = value.shape[1];
        if (node.version() < SCALES_PER_CHANNEL && groups != channels) {
            scale = perChannelOfGroup(builder, scale, groups, channels);
            bias = perChannelOfGroup(builder, bias, groups, channels);
        }
        int[] split = new int[value.rank() + 1];
        split[0] = value.shape[0];
        split[1] = groups;
        split[2] = channels / groups;
        System.arraycopy(value.shape, 2, split, 3, value.rank() - 2);
        Val grouped = Views.reshape(builder, value, split, value.rowAxis);
        Centred centred = centred(builder, grouped, Shapes.range(2, split.length), epsilon);
        int[] factors = new int[split.length - 1];
        Arrays.fill(factors, 1);
        factors[0] = groups;
        factors[1] = channels / groups;
        Val result =
                scaled(
                        builder,
                        value.type,
                        centred.distance,
                        centred.inverse,
                        Views.reshape(builder, scale, factors, Rows.NONE),
                        Optional.of(Views.reshape(builder, bias, factors, Rows.NONE)));
        node.output(Views.reshape(builder, result, value.shape, value.rowAxis));
    }

    private static Val perChannelOfGroup(Builder builder, Val perGroup, int groups, int channels) {
        Refusal.unless(
                perGroup.rank() == 1 && perGroup.shape[0] == groups,
                "%s is not one element per group",
                perGroup);
        Val column = Views.unsqueeze(builder, perGroup, 1);
        Val repeated =
                Views.expand(builder, column, new int[] {groups, channels / groups}, Rows.NONE);
        return Views.reshape(builder, repeated, new int[] {channels}, Rows.NONE);
    }

    private static void requireFloatStash(NodeContext node) {
        Refusal.unless(
                node.integer("stash_type", 1) == 1, "statistics are held in single precision only");
    }

    private static void layer(NodeContext node) {
        float epsilon = node.real("epsilon", EPSILON);
        requireFloatStash(node);
        Val value = ElementwiseOps.requireFloat(node.input(0));
        int axis = node.axis("axis", -1, value.rank());
        int[] axes = Shapes.range(axis, value.rank());
        Builder builder = node.builder();
        Centred centred = centred(builder, value, axes, epsilon);
        node.output(
                scaled(
                        builder,
                        value.type,
                        centred.distance,
                        centred.inverse,
                        node.input(1),
                        node.optional(2)));
        node.output(1, centred.mean);
        node.output(2, centred.inverse);
    }

    private static void skipLayer(NodeContext node) {
        float epsilon = node.real("epsilon", 1e-12f);
        Val sum = node.input(0);
        Builder builder = node.builder();
        List<Val> addends = new ArrayList<>(List.of(node.input(1)));
        node.optional(4).ifPresent(addends::add);
        for (Val addend : addends) {
            sum =
                    builder.elementwise(
                            sum.type, List.of(sum, addend), x -> Terms.add(x.get(0), x.get(1)));
        }
        ElementwiseOps.requireFloat(sum);
        builder.view(sum);
        int[] axes = {sum.rank() - 1};
        Centred centred = centred(builder, sum, axes, epsilon);
        node.output(
                scaled(
                        builder,
                        sum.type,
                        centred.distance,
                        centred.inverse,
                        node.input(2),
                        node.optional(3)));
        node.output(3, sum);
    }

    private static void rootMeanSquare(NodeContext node) {
        float epsilon = node.real("epsilon", EPSILON);
        requireFloatStash(node);
        Val value = ElementwiseOps.requireFloat(node.input(0));
        int axis = node.axis("axis", -1, value.rank());
        int[] axes = Shapes.range(axis, value.rank());
        Builder builder = node.builder();
        builder.view(value);
        Val inverse = inverse(builder, mean(builder, value, axes, x -> Terms.mul(x, x)), epsilon);
        node.output(scaled(builder, value.type, value, inverse, node.input(1), Optional.empty()));
    }

    private static void lp(NodeContext node) {
        Val value = ElementwiseOps.requireFloat(node.input(0));
        int[] axes = {node.axis("axis", -1, value.rank())};
        long power = node.integer("p", 2);
        Refusal.unless(power == 1 || power == 2, "p=%d is neither 1 nor 2", power);
        Builder builder = node.builder();
        builder.view(value);
        ElementType type = ReductionOps.accumulator(value);
        Val sum =
                Reductions.reduce(
                        builder,
                        Step.Combine.SUM,
                        type,
                        value,
                        axes,
                        true,
                        x -> power == 1 ? Terms.unary(UnaryOp.ABS, x) : Terms.mul(x, x));
        Val norm =
                builder.elementwise(
                        type,
                        List.of(sum),
                        x -> power == 1 ? x.get(0) : Terms.unary(UnaryOp.SQRT, x.get(0)));
        builder.view(norm);
        node.output(
                builder.elementwise(
                        value.type,
                        List.of(value, norm),
                        x ->
                                Terms.select(
                                        Terms.equal(x.get(1), Terms.like(x.get(1), 0)),
                                        Terms.like(x.get(0), 0),
                                        Terms.div(x.get(0), x.get(1)))));
    }

    private static void localResponse(NodeContext node) {
        Val value = ElementwiseOps.singlePrecision(node.input(0));
        int size = Shapes.extent(node.integer("size", 0));
        float alpha = node.real("alpha", 1e-4f);
        float beta = node.real("beta", 0.75f);
        float bias = node.real("bias", 1);
        Refusal.unless(value.rank() >= 2 && size > 0, "%s has no channels", value);
        Builder builder = node.builder();
        builder.view(value);
        int[] before = new int[value.rank()];
        int[] after = new int[value.rank()];
        before[1] = (size - 1) / 2;
        after[1] = size - 1 - before[1];
        Val padded =
                PadOp.padded(
                        builder,
                        value,
                        before,
                        after,
                        SelectionOps.converted(builder, builder.scalar(0), value.type));
        View window = builder.view(padded);
        int[] windows = Shapes.concat(value.shape, new int[] {size});
        Val spread =
                builder.viewed(
                        value,
                        windows,
                        value.rowAxis,
                        window.followedByStride(window.strides().get(1)));
        Val sum =
                Reductions.reduce(
                        builder,
                        Step.Combine.SUM,
                        ElementType.FLOAT32,
                        spread,
                        new int[] {value.rank()},
                        false,
                        x -> Terms.mul(x, x));
        node.output(
                builder.elementwise(
                        value.type,
                        List.of(value, sum),
                        x -> {
                            Expr scaled = Terms.mul(Exprs.f32(alpha / size), x.get(1));
                            Expr base = Terms.add(Exprs.f32(bias), scaled);
                            Expr power = Terms.binary(BinaryOp.POW, base, Exprs.f32(beta));
                            return Terms.div(x.get(0), power);
                        }));
    }

    private static void meanVariance(NodeContext node) {
        Val value = ElementwiseOps.requireFloat(node.input(0));
        long[] given = node.integers("axes").orElse(new long[] {0, 2, 3});
        int[] axes = Shapes.axes(given, value.rank());
        Builder builder = node.builder();
        builder.view(value);
        Val mean = mean(builder, value, axes, x -> x);
        builder.view(mean);
        Val distance =
                builder.elementwise(
                        ReductionOps.accumulator(value),
                        List.of(value, mean),
                        x -> Terms.sub(x.get(0), x.get(1)));
        builder.view(distance);
        Val variance = mean(builder, distance, axes, x -> Terms.mul(x, x));
        builder.view(variance);
        node.output(
                builder.elementwise(
                        value.type,
                        List.of(distance, variance),
                        x -> {
                            Expr root = Terms.unary(UnaryOp.SQRT, x.get(1));
                            return Terms.div(x.get(0), Terms.add(root, Terms.like(root, 1e-9)));
                        }));
    }
}
