package dev.millrace.gpu.lowering;

import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.Exprs;
import dev.millrace.gpu.model.ScalarKind;
import dev.millrace.gpu.model.Tensor;
import dev.millrace.gpu.model.UnaryOp;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Operators that map one set of values to another. Strings have become numbers before. */
final class EncoderOps {
    private static final int NAN_KEYS_OPSET = 4;

    private EncoderOps() {}

    static void register(Operators operators) {
        operators.machineLearning("OneHotEncoder", EncoderOps::oneHot);
        operators.machineLearning("LabelEncoder", EncoderOps::labelEncoder);
    }

    private static void oneHot(NodeContext node) {
        Builder builder = node.builder();
        Val value = node.input(0);
        long[] categories = node.integers("cats_int64s").orElse(new long[0]);
        boolean zeros = node.flag("zeros", true);
        Refusal.unless(categories.length > 0, "it has no categories");
        Val numbers = Features.as(builder, ElementType.INT64, value);
        Val checked = zeros ? numbers : known(builder, numbers, categories);
        View view = builder.view(checked);
        int[] column = Shapes.concat(value.shape, new int[] {1});
        Val keys = builder.viewed(checked, column, value.rowAxis, view.followedBy(1));
        Val all =
                builder.constant(
                        Tensor.of(ElementType.INT64, List.of(categories.length), categories));
        node.output(
                builder.elementwise(
                        ElementType.FLOAT32,
                        List.of(keys, all),
                        v ->
                                Terms.select(
                                        Terms.equal(v.get(0), v.get(1)),
                                        Exprs.f32(1),
                                        Exprs.f32(0))));
    }

    /** The same numbers; one that is no category is its record's fault. */
    private static Val known(Builder builder, Val numbers, long[] categories) {
        long[] sorted = Arrays.stream(categories).sorted().distinct().toArray();
        Lookup lookup = new Lookup(builder, numbers);
        Expr place = lookup.place(Tensor.of(ElementType.INT64, List.of(sorted.length), sorted));
        int count = sorted.length;
        Expr checked =
                new Expr.CheckedIndex(
                        Terms.select(Terms.less(place, Exprs.i64(0)), Exprs.i64(count), place),
                        count);
        Expr same = lookup.element(Tensor.of(ElementType.INT64, List.of(count), sorted), checked);
        return lookup.result(ElementType.INT64, same);
    }

    private static void labelEncoder(NodeContext node) {
        Val value = node.input(0);
        Tensor keys = side(node, "keys");
        Tensor values = side(node, "values");
        Tensor otherwise = otherwise(node, values.type());
        Refusal.unless(
                keys.elements() == values.elements() && keys.elements() > 0,
                "it has %d keys and %d values",
                keys.elements(),
                values.elements());
        Refusal.unless(
                keys.kind() == value.kind(), "its keys are %s, its input is %s", keys, value);
        Builder builder = node.builder();
        Lookup lookup = new Lookup(builder, value);
        Map<Double, Integer> ofReals = new TreeMap<>();
        Map<Long, Integer> ofIntegers = new TreeMap<>();
        Optional<Integer> ofNan = Optional.empty();
        for (int i = 0; i < keys.elements(); i++) {
            if (keys.kind() == ScalarKind.I64) {
                ofIntegers.putIfAbsent(keys.longAt(i), i);
            } else if (Double.isNaN(keys.asDouble(i))) {
                // A NaN was not equal to itself before the operator learned tensors.
                boolean first = ofNan.isEmpty() && node.version() >= NAN_KEYS_OPSET;
                ofNan = first ? Optional.of(i) : ofNan;
            } else {
                // -0 equals 0: adding 0 makes them one key.
                ofReals.putIfAbsent(keys.asDouble(i) + 0.0, i);
            }
        }
        boolean integers = keys.kind() == ScalarKind.I64;
        List<Integer> order = List.copyOf(integers ? ofIntegers.values() : ofReals.values());
        Expr found = otherwise.literal(0);
        if (!order.isEmpty()) {
            Expr place = lookup.place(Tables.chosen(keys, order, Optional.empty()));
            found =
                    lookup.element(
                            Tables.chosen(values, order, Optional.of(otherwise)),
                            Terms.add(place, Exprs.i64(1)));
        }
        if (ofNan.isPresent()) {
            found =
                    Terms.select(
                            Terms.unary(UnaryOp.IS_NAN, lookup.key()),
                            values.literal(ofNan.get()),
                            found);
        }
        node.output(lookup.result(values.type(), found));
    }

    /** Keys or values, in whichever attribute they are. */
    private static Tensor side(NodeContext node, String side) {
        Optional<Tensor> tensor = node.tensor(side + "_tensor");
        Optional<long[]> integers = node.integers(side + "_int64s");
        Optional<float[]> reals = node.reals(side + "_floats");
        if (tensor.isPresent()) {
            return tensor.get().reshaped(List.of(tensor.get().elements()));
        }
        if (integers.isPresent()) {
            return Tensor.of(ElementType.INT64, List.of(integers.get().length), integers.get());
        }
        Refusal.unless(reals.isPresent(), "it has no %s", side);
        return Tensor.of(ElementType.FLOAT32, List.of(reals.get().length), reals.get());
    }

    private static Tensor otherwise(NodeContext node, ElementType type) {
        Optional<Tensor> tensor = node.tensor("default_tensor");
        long integer = node.integer("default_int64", -1);
        float real = node.real("default_float", -0f);
        node.ignoreAttributes("default_string");
        if (tensor.isPresent()) {
            Refusal.unless(
                    tensor.get().type() == type && tensor.get().elements() == 1,
                    "its default is %s, not one %s",
                    tensor.get(),
                    type);
            return tensor.get().reshaped(List.of(1));
        }
        return switch (ScalarKind.of(type)) {
            case F32 -> Tensor.of(type, List.of(1), new float[] {real});
            case F64 -> Tensor.of(type, List.of(1), new double[] {real});
            case I64 -> Tensor.of(type, List.of(1), new long[] {integer});
        };
    }
}
