package dev.millrace.gpu.lowering;

import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.model.Access;
import dev.millrace.gpu.model.ScalarKind;
import dev.millrace.gpu.model.Step;
import dev.millrace.gpu.model.Trees;
import java.util.List;

/** What the operators of {@code ai.onnx.ml} have in common: rows of features in, numbers out. */
final class Features {
    private Features() {}

    /**
     * A matrix of features, one row per record; a vector is one row.
     *
     * @param types what to leave as it is; anything else becomes single precision
     */
    static Val matrix(NodeContext node, int input, ElementType... types) {
        Val value = node.input(input);
        Refusal.unless(
                value.rank() == 1 || value.rank() == 2, "%s is not a matrix of features", value);
        Rows.spared(value, value.rank() - 1);
        Val converted = List.of(types).contains(value.type) ? value : floats(node, value);
        if (value.rank() == 2) {
            return converted;
        }
        View view = node.builder().view(converted);
        int[] shape = {1, value.shape[0]};
        return node.builder()
                .viewed(
                        converted,
                        shape,
                        Rows.NONE,
                        new View(view.value(), view.offset(), List.of(0, view.strides().get(0))));
    }

    /** The same numbers in single precision. */
    static Val floats(NodeContext node, Val value) {
        return as(node.builder(), ElementType.FLOAT32, value);
    }

    static Val as(Builder builder, ElementType type, Val value) {
        if (value.type == type) {
            return value;
        }
        return builder.elementwise(
                type,
                List.of(value),
                loads -> Terms.convert(ScalarKind.of(type), value.type, loads.get(0)));
    }

    /** One column of a matrix, as a vector. */
    static Val column(Builder builder, Val matrix, int column) {
        View view = builder.view(matrix);
        return builder.viewed(
                matrix,
                new int[] {matrix.shape[0]},
                matrix.rowAxis,
                view.pick(List.of(0)).shifted(column * view.strides().get(1)));
    }

    /** Some of the columns of a matrix that is stored. */
    static Val columns(Builder builder, Val matrix, int from, int to) {
        View view = builder.view(matrix);
        return builder.viewed(
                matrix,
                new int[] {matrix.shape[0], to - from},
                matrix.rowAxis,
                view.shifted(from * view.strides().get(1)));
    }

    /** A matrix of the given columns, each a vector over the rows. */
    static Val beside(Builder builder, ElementType type, List<Val> columns) {
        Val first = columns.get(0);
        Val matrix =
                builder.allocate(type, new int[] {first.shape[0], columns.size()}, first.rowAxis);
        View view = matrix.view();
        for (int column = 0; column < columns.size(); column++) {
            View target = view.pick(List.of(0)).shifted(column * view.strides().get(1));
            builder.compute(columns.get(column), target);
        }
        return matrix;
    }

    /** Raw scores of an ensemble, one row per row of features. */
    static Val scores(NodeContext node, Val features, Trees trees, ElementType type) {
        Builder builder = node.builder();
        View in = builder.view(features);
        Val scores =
                builder.allocate(
                        type, new int[] {features.shape[0], trees.targets()}, features.rowAxis);
        View out = scores.view();
        for (int row = 0; row < features.shape[0]; row++) {
            builder.add(
                    new Step.TreeEnsemble(
                            builder.origin(), trees, rowAccess(in, row), rowAccess(out, row)));
        }
        return scores;
    }

    private static Access rowAccess(View matrix, int row) {
        return new Access(
                matrix.value(),
                matrix.offset() + row * matrix.strides().get(0),
                List.of(matrix.strides().get(1)));
    }
}
