package dev.millrace.gpu.lowering;

import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.Exprs;
import dev.millrace.gpu.model.ScalarKind;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code ArrayFeatureExtractor}: some elements along the last dimension, chosen by numbers that may
 * come from the record.
 */
final class FeatureExtractor {
    private FeatureExtractor() {}

    static void lower(NodeContext node) {
        Builder builder = node.builder();
        Val value = node.input(0);
        Val chosen = node.input(1);
        Refusal.unless(value.rank() > 0, "a scalar has no last dimension");
        int last = value.rank() - 1;
        Rows.spared(value, last);
        Refusal.unless(
                !value.hasRows() || !chosen.hasRows(), "both its inputs differ between records");
        Refusal.unless(
                chosen.kind() == ScalarKind.I64 && chosen.rowAxis <= 0,
                "%s does not choose",
                chosen);
        int count = chosen.elements();
        View whole = builder.view(value);
        Val numbers = flat(builder, chosen);
        int[] shape =
                Shapes.with(value.rank() == 1 ? new int[2] : value.shape, Math.max(1, last), count);
        if (value.rank() == 1) {
            shape[0] = 1;
        }
        int rowAxis = chosen.hasRows() ? shape.length - 1 : value.rowAxis;
        Operands operands = new Operands(builder, shape, true);
        Expr number = operands.use(numbers);
        List<Integer> strides = new ArrayList<>(whole.strides());
        int step = strides.set(last, 0);
        if (value.rank() == 1) {
            strides.add(0, 0);
        }
        int input = operands.index(new View(whole.value(), whole.offset(), strides));
        Expr index = new Expr.CheckedIndex(number, value.shape[last]);
        Expr offset = step == 1 ? index : Terms.mul(index, Exprs.i64(step));
        node.output(
                builder.defer(
                        value.type,
                        shape,
                        rowAxis,
                        new Deferred(
                                operands.origin(),
                                operands.root(),
                                operands.inputs(),
                                new Expr.LoadAt(input, offset, value.kind()))));
    }

    private static Val flat(Builder builder, Val value) {
        if (value.rank() == 1) {
            return value;
        }
        int[] shape = {value.elements()};
        View view = builder.view(value);
        Val stored = value;
        if (!view.strides().equals(Shapes.boxed(Shapes.strides(value.shape)))) {
            stored = builder.allocate(value.type, value.shape, value.rowAxis);
            builder.compute(value, stored.view());
        }
        View from = stored.view();
        return builder.viewed(
                stored, shape, value.rowAxis, new View(from.value(), from.offset(), List.of(1)));
    }
}
