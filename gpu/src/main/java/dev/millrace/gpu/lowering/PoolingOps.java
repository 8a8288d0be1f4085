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
import java.util.Collections;
import java.util.List;
import java.util.function.UnaryOperator;

/** Maxima, means and norms over windows, and over whole images. */
final class PoolingOps {
    private PoolingOps() {}

    static void register(Operators operators) {
        operators.standard("MaxPool", PoolingOps::maximum);
        operators.standard("AveragePool", PoolingOps::average);
        operators.standard("LpPool", PoolingOps::norm);
        operators.standard("GlobalMaxPool", PoolingOps::globalMaximum);
        operators.standard("GlobalAveragePool", PoolingOps::globalAverage);
        operators.standard("GlobalLpPool", PoolingOps::globalNorm);
    }

    private static void maximum(NodeContext node) {
        Val x = image(node);
        Window window = window(node, x);
        Val padded = pad(node, x, window, least(x.type));
        node.output(
                0,
                reduce(
                        node.builder(),
                        padded,
                        window,
                        Step.Combine.MAX,
                        load -> load,
                        (sum, extras) -> sum,
                        List.of()));
        boolean byColumns = node.flag("storage_order", false);
        if (node.wants(1)) {
            node.output(1, MaximumPositions.of(node.builder(), x, padded, window, byColumns));
        }
    }

    private static void average(NodeContext node) {
        Val x = image(node);
        boolean countsPadding = node.flag("count_include_pad", false);
        Window window = window(node, x);
        Val padded = pad(node, x, window, Terms.literal(x.kind(), 0));
        Val counts = counts(node.builder(), window, countsPadding);
        node.output(
                reduce(
                        node.builder(),
                        padded,
                        window,
                        Step.Combine.SUM,
                        load -> load,
                        (sum, extras) -> divided(sum, extras.get(0)),
                        List.of(counts)));
    }

    private static void norm(NodeContext node) {
        Val x = image(node);
        long power = node.integer("p", 2);
        Window window = window(node, x);
        Val padded = pad(node, x, window, Terms.literal(x.kind(), 0));
        node.output(
                reduce(
                        node.builder(),
                        padded,
                        window,
                        Step.Combine.SUM,
                        load -> powered(load, power),
                        (sum, extras) -> root(sum, power),
                        List.of()));
    }

    private static void globalMaximum(NodeContext node) {
        Val x = image(node);
        node.output(
                reduce(
                        node.builder(),
                        x,
                        Window.whole(extents(x)),
                        Step.Combine.MAX,
                        load -> load,
                        (sum, extras) -> sum,
                        List.of()));
    }

    private static void globalAverage(NodeContext node) {
        Val x = image(node);
        Window window = Window.whole(extents(x));
        Val count = node.builder().scalar(Shapes.elements(window.kernel));
        node.output(
                reduce(
                        node.builder(),
                        x,
                        window,
                        Step.Combine.SUM,
                        load -> load,
                        (sum, extras) -> divided(sum, extras.get(0)),
                        List.of(count)));
    }

    private static void globalNorm(NodeContext node) {
        Val x = image(node);
        long power = node.integer("p", 2);
        node.output(
                reduce(
                        node.builder(),
                        x,
                        Window.whole(extents(x)),
                        Step.Combine.SUM,
                        load -> powered(load, power),
                        (sum, extras) -> root(sum, power),
                        List.of()));
    }

    private static Val image(NodeContext node) {
        Val x = node.input(0);
        Refusal.unless(x.rank() >= 3, "an input of %d dimensions has no image", x.rank());
        Rows.spared(x, Shapes.range(2, x.rank()));
        return x;
    }

    private static Window window(NodeContext node, Val x) {
        int[] kernel =
                Window.integers(node, "kernel_shape")
                        .orElseThrow(() -> new Refusal("attribute 'kernel_shape' is missing"));
        return Window.of(node, extents(x), kernel, true);
    }

    private static int[] extents(Val x) {
        return Arrays.copyOfRange(x.shape, 2, x.rank());
    }

    private static Val pad(NodeContext node, Val x, Window window, Expr fill) {
        return Padding.pad(node.builder(), x, 2, window.before, window.reach(), fill);
    }

    /** What loses against every element. */
    private static Expr.Constant least(ElementType type) {
        return switch (ScalarKind.of(type)) {
            case F32 -> Exprs.f32(Float.NEGATIVE_INFINITY);
            case F64 -> Exprs.f64(Double.NEGATIVE_INFINITY);
            case I64 ->
                    Exprs.i64(
                            switch (type) {
                                case INT8 -> Byte.MIN_VALUE;
                                case INT16 -> Short.MIN_VALUE;
                                case INT32 -> Integer.MIN_VALUE;
                                case INT64 -> Long.MIN_VALUE;
                                default -> 0;
                            });
        };
    }

    /** Makes a pooled element of what was accumulated and of further operands. */
    private interface Finish {
        Expr of(Expr accumulated, List<Expr> extras);
    }

    private static Val reduce(
            Builder builder,
            Val padded,
            Window window,
            Step.Combine combine,
            UnaryOperator<Expr> term,
            Finish finish,
            List<Val> extras) {
        int[] shape = Shapes.concat(new int[] {padded.shape[0], padded.shape[1]}, window.output);
        List<View> inputs = new ArrayList<>();
        inputs.add(windows(builder.view(padded), window));
        List<Expr> loads = new ArrayList<>();
        for (Val extra : extras) {
            List<Integer> strides =
                    new ArrayList<>(builder.view(extra).broadcast(extra.shape, shape).strides());
            strides.addAll(Collections.nCopies(window.rank(), 0));
            loads.add(converted(new Expr.Load(inputs.size(), extra.kind()), padded.kind()));
            inputs.add(
                    new View(builder.view(extra).value(), builder.view(extra).offset(), strides));
        }
        Deferred.Root root =
                new Deferred.Reduce(
                        padded.kind(),
                        combine,
                        Shapes.boxed(window.kernel),
                        term.apply(new Expr.Load(0, padded.kind())));
        Expr body = finish.of(new Expr.Accumulated(padded.kind()), loads);
        return builder.defer(
                padded.type,
                shape,
                padded.rowAxis,
                new Deferred(builder.origin(), root, inputs, body));
    }

    /** A way over the windows' places and then over the positions within a window. */
    static View windows(View view, Window window) {
        List<Integer> strides = new ArrayList<>(view.strides().subList(0, 2));
        for (int i = 0; i < window.rank(); i++) {
            strides.add(window.strides[i] * view.strides().get(2 + i));
        }
        for (int i = 0; i < window.rank(); i++) {
            strides.add(window.dilations[i] * view.strides().get(2 + i));
        }
        return new View(view.value(), view.offset(), strides);
    }

    /** How many elements each window averages. */
    private static Val counts(Builder builder, Window window, boolean countsPadding) {
        int[] counts = {1};
        int[] shape = {};
        for (int i = 0; i < window.rank(); i++) {
            int[] along = counts(window, i, countsPadding);
            int[] product = new int[counts.length * along.length];
            for (int j = 0; j < product.length; j++) {
                product[j] = counts[j / along.length] * along[j % along.length];
            }
            counts = product;
            shape = Shapes.concat(shape, new int[] {along.length});
        }
        float[] floats = new float[counts.length];
        boolean uniform = true;
        for (int i = 0; i < counts.length; i++) {
            floats[i] = counts[i];
            uniform &= counts[i] == counts[0];
        }
        return uniform && floats.length > 0
                ? builder.scalar(floats[0])
                : builder.constant(shape, floats);
    }

    private static int[] counts(Window window, int i, boolean countsPadding) {
        int[] counts = new int[window.output[i]];
        int first = countsPadding ? -window.before[i] : 0;
        int end = window.input[i] + (countsPadding ? window.after[i] : 0);
        for (int place = 0; place < counts.length; place++) {
            for (int k = 0; k < window.kernel[i]; k++) {
                int position =
                        place * window.strides[i] - window.before[i] + k * window.dilations[i];
                counts[place] += position >= first && position < end ? 1 : 0;
            }
        }
        return counts;
    }

    private static Expr converted(Expr expr, ScalarKind kind) {
        return expr.kind() == kind ? expr : new Expr.Convert(kind, false, expr);
    }

    private static Expr divided(Expr sum, Expr count) {
        return new Expr.Binary(BinaryOp.DIV, sum, count);
    }

    private static Expr powered(Expr load, long power) {
        Expr magnitude = new Expr.Unary(UnaryOp.ABS, load);
        if (power == 1) {
            return magnitude;
        }
        if (power == 2) {
            return new Expr.Binary(BinaryOp.MUL, load, load);
        }
        return new Expr.Binary(BinaryOp.POW, magnitude, exponent(load.kind(), power));
    }

    private static Expr root(Expr sum, long power) {
        if (power == 1) {
            return sum;
        }
        if (power == 2) {
            return new Expr.Unary(UnaryOp.SQRT, sum);
        }
        Expr one = Terms.like(sum, 1);
        Expr inverse = new Expr.Binary(BinaryOp.DIV, one, exponent(sum.kind(), power));
        return new Expr.Binary(BinaryOp.POW, sum, inverse);
    }

    private static Expr exponent(ScalarKind kind, long power) {
        Refusal.unless(
                kind != ScalarKind.I64 && power > 0, "norm %d of %s is not covered", power, kind);
        return Terms.literal(kind, (double) power);
    }
}
