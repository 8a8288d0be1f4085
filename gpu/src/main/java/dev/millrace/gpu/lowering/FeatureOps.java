package dev.millrace.gpu.lowering;

import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.Exprs;
import dev.millrace.gpu.model.ScalarKind;
import dev.millrace.gpu.model.Step;
import dev.millrace.gpu.model.Tensor;
import dev.millrace.gpu.model.UnaryOp;
import java.util.ArrayList;
import java.util.List;

/** Operators that prepare features. */
final class FeatureOps {
    private FeatureOps() {}

    static void register(Operators operators) {
        operators.machineLearning("Scaler", FeatureOps::scaler);
        operators.machineLearning("Normalizer", FeatureOps::normalizer);
        operators.machineLearning("Imputer", FeatureOps::imputer);
        operators.machineLearning("Binarizer", FeatureOps::binarizer);
        operators.machineLearning("FeatureVectorizer", FeatureOps::vectorizer);
        operators.machineLearning("ArrayFeatureExtractor", FeatureExtractor::lower);
    }

    private static void scaler(NodeContext node) {
        Val value = Features.floats(node, node.input(0));
        List<Val> operands = new ArrayList<>(List.of(value));
        operands.add(perFeature(node, "offset", value, 0));
        operands.add(perFeature(node, "scale", value, 1));
        node.output(
                node.builder()
                        .elementwise(
                                ElementType.FLOAT32,
                                operands,
                                v -> Terms.mul(Terms.sub(v.get(0), v.get(1)), v.get(2))));
    }

    /** An attribute with one number per feature, or one for all, to go with the last dimension. */
    private static Val perFeature(NodeContext node, String attribute, Val value, float otherwise) {
        float[] numbers = node.reals(attribute).orElse(new float[] {otherwise});
        int features = value.rank() == 0 ? 1 : value.shape[value.rank() - 1];
        Refusal.unless(
                numbers.length == 1 || numbers.length == features,
                "%s has %d elements for %d features",
                attribute,
                numbers.length,
                features);
        Refusal.unless(
                numbers.length == 1 || value.rank() <= 2, "%s is not a matrix of features", value);
        int[] shape = numbers.length == 1 ? new int[0] : new int[] {features};
        return node.builder().constant(shape, numbers);
    }

    private static void normalizer(NodeContext node) {
        Builder builder = node.builder();
        Val given = node.input(0);
        Val matrix = Features.matrix(node, 0);
        builder.view(matrix);
        Expr x = new Expr.Load(0, ScalarKind.F32);
        String norm = node.text("norm", "MAX");
        Val divisor =
                switch (norm) {
                    case "MAX" -> PostTransform.over(builder, Step.Combine.MAX, matrix);
                    case "L1" ->
                            PostTransform.over(
                                    builder, Step.Combine.SUM, matrix, Terms.unary(UnaryOp.ABS, x));
                    case "L2" ->
                            PostTransform.map(
                                    builder,
                                    PostTransform.over(
                                            builder, Step.Combine.SUM, matrix, Terms.mul(x, x)),
                                    UnaryOp.SQRT);
                    default -> throw new Refusal("norm '%s' is not covered".formatted(norm));
                };
        builder.view(divisor);
        Val normal =
                builder.elementwise(
                        ElementType.FLOAT32,
                        List.of(matrix, divisor),
                        v ->
                                Terms.select(
                                        Terms.equal(v.get(1), Exprs.f32(0)),
                                        v.get(0),
                                        Terms.div(v.get(0), v.get(1))));
        node.output(given.rank() == 1 ? asVector(builder, normal) : normal);
    }

    private static Val asVector(Builder builder, Val row) {
        View view = builder.view(row);
        return builder.viewed(row, new int[] {row.shape[1]}, Rows.NONE, view.pick(List.of(1)));
    }

    private static void imputer(NodeContext node) {
        Val value = node.input(0);
        float replacedReal = node.real("replaced_value_float", 0);
        long replacedInteger = node.integer("replaced_value_int64", 0);
        float[] reals = node.reals("imputed_value_floats").orElse(new float[0]);
        long[] integers = node.integers("imputed_value_int64s").orElse(new long[0]);
        Val imputed = imputed(node, value, reals, integers);
        node.output(
                node.builder()
                        .elementwise(
                                value.type,
                                List.of(value, imputed),
                                v -> {
                                    Expr x = v.get(0);
                                    Expr replaces =
                                            x.kind() == ScalarKind.I64
                                                    ? Terms.equal(x, Exprs.i64(replacedInteger))
                                                    : matches(x, replacedReal);
                                    return Terms.select(replaces, v.get(1), x);
                                }));
    }

    private static Expr matches(Expr x, float replaced) {
        return Float.isNaN(replaced)
                ? Terms.unary(UnaryOp.IS_NAN, x)
                : Terms.equal(x, Terms.like(x, replaced));
    }

    private static Val imputed(NodeContext node, Val value, float[] reals, long[] integers) {
        int count = value.isFloat() ? reals.length : integers.length;
        int features = value.rank() == 0 ? 1 : value.shape[value.rank() - 1];
        Refusal.unless(
                count == 1 || (count == features && value.rank() <= 2),
                "it has %d imputed values for %s",
                count,
                value);
        List<Integer> shape = count == 1 ? List.of() : List.of(count);
        Tensor tensor =
                value.isFloat()
                        ? Tensor.of(ElementType.FLOAT32, shape, reals)
                        : Tensor.of(ElementType.INT64, shape, integers);
        return Features.as(node.builder(), value.type, node.builder().constant(tensor));
    }

    private static void binarizer(NodeContext node) {
        Val value = node.input(0);
        float threshold = node.real("threshold", 0);
        Refusal.unless(value.isFloat(), "%s is not covered", value);
        node.output(
                node.builder()
                        .elementwise(
                                value.type,
                                List.of(value),
                                v ->
                                        Terms.select(
                                                Terms.less(
                                                        Terms.like(v.get(0), threshold), v.get(0)),
                                                Terms.like(v.get(0), 1),
                                                Terms.like(v.get(0), 0))));
    }

    /** Inputs side by side, each cut or filled with zeros to the length it should have. */
    private static void vectorizer(NodeContext node) {
        Builder builder = node.builder();
        long[] lengths = node.integers("inputdimensions").orElse(new long[0]);
        Refusal.unless(
                lengths.length == node.inputCount(),
                "inputdimensions has %d elements for %d inputs",
                lengths.length,
                node.inputCount());
        List<Val> inputs = new ArrayList<>();
        int total = 0;
        for (int i = 0; i < lengths.length; i++) {
            inputs.add(Features.matrix(node, i));
            total = Math.addExact(total, Shapes.extent(lengths[i]));
        }
        int rows = inputs.get(0).shape[0];
        int rowAxis = inputs.get(0).rowAxis;
        Val result = builder.allocate(ElementType.FLOAT32, new int[] {rows, total}, rowAxis);
        int start = 0;
        for (int i = 0; i < lengths.length; i++) {
            Val input = inputs.get(i);
            Refusal.unless(
                    input.shape[0] == rows && input.rowAxis == rowAxis,
                    "its inputs have different numbers of rows");
            int length = (int) lengths[i];
            int taken = Math.min(length, input.shape[1]);
            put(builder, Features.columns(builder, input, 0, taken), result, start);
            Val zeros = builder.constant(new int[] {1, 1}, 0f);
            if (length > taken) {
                int[] shape = {rows, length - taken};
                put(
                        builder,
                        builder.elementwise(
                                ElementType.FLOAT32, shape, rowAxis, List.of(zeros), v -> v.get(0)),
                        result,
                        start + taken);
            }
            start += length;
        }
        node.output(result);
    }

    private static void put(Builder builder, Val columns, Val result, int start) {
        if (columns.elements() > 0) {
            builder.compute(columns, Features.columns(builder, result, start, start).view());
        }
    }
}
