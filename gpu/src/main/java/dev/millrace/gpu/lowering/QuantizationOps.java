package dev.millrace.gpu.lowering;

import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.Exprs;
import dev.millrace.gpu.model.ScalarKind;
import dev.millrace.gpu.model.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Between real numbers and quantised ones, and arithmetic on the latter. */
final class QuantizationOps {
    private QuantizationOps() {}

    static void register(Operators operators) {
        operators.standard("QuantizeLinear", QuantizationOps::quantize);
        operators.standard("DequantizeLinear", QuantizationOps::dequantize);
        operators.standard("DynamicQuantizeLinear", QuantizationOps::quantizeByRange);
        QuantizedSums.register(operators);
    }

    private static void quantize(NodeContext node) {
        Val x = node.input(0);
        Val scale = node.input(1);
        Optional<Val> zeroPoint = node.optional(2);
        Optional<ElementType> declared = outputType(node);
        ElementType type = zeroPoint.map(z -> z.type).or(() -> declared).orElse(ElementType.UINT8);
        Refusal.unless(
                declared.isEmpty() || declared.get() == type,
                "output_dtype is not the type of the zero point");
        node.ignoreAttributes("saturate"); // for 8-bit floats alone, which have been refused
        ElementType precision = scale.type;
        if (node.integer("precision", 0) != 0) {
            precision = node.elementType("precision").orElseThrow();
        }
        Refusal.unless(
                ScalarKind.of(precision) == ScalarKind.F32 && x.kind() != ScalarKind.F64,
                "quantising %s with scales %s is not covered",
                x,
                scale);
        Granularity granularity = Granularity.of(node, x);
        List<Val> operands = new ArrayList<>(List.of(x, granularity.spread(scale)));
        zeroPoint.ifPresent(each -> operands.add(granularity.spread(each)));
        ElementType divided = precision;
        node.output(
                node.builder()
                        .elementwise(
                                type,
                                x.shape,
                                x.rowAxis,
                                operands,
                                e -> ratio(e, x, divided, type)));
    }

    private static Expr ratio(List<Expr> operands, Val x, ElementType precision, ElementType type) {
        Expr real = Terms.convert(ScalarKind.F32, x.type, operands.get(0));
        Expr ratio = Terms.div(real, operands.get(1));
        if (precision != ElementType.FLOAT32) {
            ratio = new Expr.Narrow(precision, ratio);
        }
        Expr zeroPoint = operands.size() == 3 ? operands.get(2) : Exprs.i64(0);
        return Quantized.quantised(ratio, zeroPoint, type);
    }

    private static Optional<ElementType> outputType(NodeContext node) {
        if (node.integer("output_dtype", 0) == 0) {
            return Optional.empty();
        }
        return node.elementType("output_dtype");
    }

    private static void dequantize(NodeContext node) {
        Val x = node.input(0);
        Val scale = node.input(1);
        ElementType type = outputType(node).orElse(scale.type);
        Refusal.unless(
                x.kind() == ScalarKind.I64
                        && scale.kind() == ScalarKind.F32
                        && ScalarKind.of(type) == ScalarKind.F32,
                "dequantising %s with scales %s is not covered",
                x,
                scale);
        Granularity granularity = Granularity.of(node, x);
        List<Val> operands = new ArrayList<>(List.of(x, granularity.spread(scale)));
        if (node.has(2)) {
            Refusal.unless(node.input(2).type == x.type, "%s has a zero point of another type", x);
            operands.add(granularity.spread(node.input(2)));
        }
        node.output(
                node.builder()
                        .elementwise(
                                type,
                                x.shape,
                                x.rowAxis,
                                operands,
                                e -> {
                                    Expr whole =
                                            e.size() == 3
                                                    ? Terms.sub(e.get(0), e.get(2))
                                                    : e.get(0);
                                    Expr real = new Expr.Convert(ScalarKind.F32, false, whole);
                                    return Terms.mul(real, e.get(1));
                                }));
    }

    private static void quantizeByRange(NodeContext node) {
        Builder builder = node.builder();
        Val x = node.input(0);
        Refusal.unless(x.type == ElementType.FLOAT32, "%s is not covered", x);
        Refusal.unless(
                !x.hasRows(),
                "its scale would come from all records of a micro-batch; quantise the model"
                        + " statically");
        Val least = extreme(builder, x, Step.Combine.MIN);
        Val most = extreme(builder, x, Step.Combine.MAX);
        Val scale =
                builder.elementwise(
                        ElementType.FLOAT32,
                        List.of(least, most),
                        e -> {
                            Expr zero = Exprs.f32(0);
                            Expr low = Terms.min(e.get(0), zero);
                            Expr high = Terms.max(e.get(1), zero);
                            Expr range = Terms.sub(high, low);
                            Expr step = Terms.div(range, Exprs.f32(255));
                            return Terms.select(Terms.equal(range, zero), Exprs.f32(1), step);
                        });
        builder.view(scale);
        Val zeroPoint =
                builder.elementwise(
                        ElementType.UINT8,
                        List.of(least, scale),
                        e -> {
                            Expr low = Terms.min(e.get(0), Exprs.f32(0));
                            Expr ratio = Terms.div(Terms.sub(Exprs.f32(0), low), e.get(1));
                            return Quantized.quantised(ratio, Exprs.i64(0), ElementType.UINT8);
                        });
        builder.view(zeroPoint);
        node.output(
                0,
                builder.elementwise(
                        ElementType.UINT8,
                        List.of(x, scale, zeroPoint),
                        e ->
                                Quantized.quantised(
                                        Terms.div(e.get(0), e.get(1)),
                                        e.get(2),
                                        ElementType.UINT8)));
        node.output(1, scale);
        node.output(2, zeroPoint);
    }

    private static Val extreme(Builder builder, Val x, Step.Combine combine) {
        View view = builder.view(x);
        Deferred.Root root =
                new Deferred.Reduce(
                        ScalarKind.F32,
                        combine,
                        Shapes.boxed(x.shape),
                        new Expr.Load(0, ScalarKind.F32));
        Val extreme =
                builder.defer(
                        ElementType.FLOAT32,
                        new int[0],
                        Rows.NONE,
                        new Deferred(
                                builder.origin(),
                                root,
                                List.of(view),
                                new Expr.Accumulated(ScalarKind.F32)));
        builder.view(extreme);
        return extreme;
    }
}
