package dev.millrace.gpu.lowering;

import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.model.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/** Operators whose results do not depend on the record, but on shapes at most. */
final class ConstantOps {
    private ConstantOps() {}

    static void register(Operators operators) {
        operators.standard("Constant", ConstantOps::constant);
        operators.standard("ConstantOfShape", ConstantOps::constantOfShape);
        operators.standard("Shape", ConstantOps::shape);
        operators.standard("Size", ConstantOps::size);
        operators.standard("Range", ConstantOps::range);
        operators.standard("EyeLike", ConstantOps::eyeLike);
        operators.standard("Trilu", ConstantOps::trilu);
    }

    private static void constant(NodeContext node) {
        Builder builder = node.builder();
        if (node.hasAttribute("value")) {
            node.output(builder.constant(node.tensor("value").orElseThrow()));
        } else if (node.hasAttribute("value_float")) {
            node.output(builder.scalar(node.real("value_float", 0)));
        } else if (node.hasAttribute("value_floats")) {
            float[] reals = node.reals("value_floats").orElseThrow();
            node.output(builder.constant(new int[] {reals.length}, reals));
        } else if (node.hasAttribute("value_int")) {
            long[] one = {node.integer("value_int", 0)};
            node.output(builder.constant(Tensor.of(ElementType.INT64, List.of(), one)));
        } else if (node.hasAttribute("value_ints")) {
            node.output(builder.constant(node.integers("value_ints").orElseThrow()));
        } else {
            throw new Refusal("it holds no numbers");
        }
    }

    private static void constantOfShape(NodeContext node) {
        Val target = node.counted(0);
        Builder builder = node.builder();
        long[] sizes = builder.requiredLongs(target.withRowCounts(new boolean[0]), "the shape");
        Val element =
                node.tensor("value").map(builder::constant).orElseGet(() -> builder.scalar(0));
        Refusal.unless(element.elements() == 1, "its value is not one element");
        int[] shape = LongStream.of(sizes).mapToInt(Shapes::extent).toArray();
        int rowAxis = Rows.NONE;
        for (int i = 0; i < shape.length; i++) {
            if (RowCounts.counts(target, i)) {
                Rows.mixes(rowAxis != Rows.NONE);
                rowAxis = i;
            }
        }
        Val scalar = Views.reshape(builder, element, new int[0], Rows.NONE);
        node.output(Views.expand(builder, scalar, shape, rowAxis));
    }

    private static void shape(NodeContext node) {
        Val value = node.ordered(0);
        int rank = value.rank();
        int start = bound(node.integer("start", 0), rank);
        int end = bound(node.integer("end", rank), rank);
        int count = Math.max(0, end - start);
        long[] sizes = new long[count];
        boolean[] counts = new boolean[count];
        for (int i = 0; i < count; i++) {
            sizes[i] = value.shape[start + i];
            counts[i] = start + i == value.rowAxis;
        }
        node.output(RowCounts.vector(node.builder(), sizes, counts));
    }

    private static int bound(long given, int rank) {
        long positive = given < 0 ? given + rank : given;
        return (int) Math.max(0, Math.min(rank, positive));
    }

    private static void size(NodeContext node) {
        Val value = node.ordered(0);
        Tensor elements = Tensor.of(ElementType.INT64, List.of(), new long[] {value.elements()});
        node.output(
                node.builder().constant(elements).withRowCounts(new boolean[] {value.hasRows()}));
    }

    private static void range(NodeContext node) {
        Tensor start = node.constant(0, "the start");
        Tensor limit = node.constant(1, "the limit");
        Tensor delta = node.constant(2, "the step");
        Refusal.unless(
                start.elements() == 1 && limit.elements() == 1 && delta.elements() == 1,
                "start, limit and step are not scalars");
        Refusal.unless(delta.asDouble(0) != 0, "the step is 0");
        ElementType type = start.type();
        double span = (limit.asDouble(0) - start.asDouble(0)) / delta.asDouble(0);
        int count = Shapes.extent((long) Math.max(0, Math.ceil(span)));
        int[] shape = {count};
        Shapes.constantElements(shape);
        node.output(node.builder().constant(progression(type, count, start, delta)));
    }

    private static Tensor progression(ElementType type, int count, Tensor start, Tensor delta) {
        List<Integer> shape = List.of(count);
        return switch (start.kind()) {
            case F32 -> {
                float[] elements = new float[count];
                for (int i = 0; i < count; i++) {
                    elements[i] = start.floatAt(0) + i * delta.floatAt(0);
                }
                yield Tensor.of(type, shape, elements);
            }
            case F64 -> {
                double[] elements = new double[count];
                for (int i = 0; i < count; i++) {
                    elements[i] = start.doubleAt(0) + i * delta.doubleAt(0);
                }
                yield Tensor.of(type, shape, elements);
            }
            case I64 -> {
                long[] elements = new long[count];
                Arrays.setAll(elements, i -> start.longAt(0) + i * delta.longAt(0));
                yield Tensor.of(type, shape, elements);
            }
        };
    }

    private static void eyeLike(NodeContext node) {
        Val value = node.input(0);
        long diagonal = node.integer("k", 0);
        ElementType type = node.elementType("dtype").orElse(value.type);
        Refusal.unless(value.rank() == 2, "%s is not a matrix", value);
        Rows.absent(value, "its shape");
        node.output(
                SelectionOps.converted(
                        node.builder(),
                        triangle(node, value.shape, row -> row + diagonal, row -> row + diagonal),
                        type));
    }

    private interface Edge {
        long of(long row);
    }

    /** A matrix that is true in each row from one column to another. */
    private static Val triangle(NodeContext node, int[] shape, Edge from, Edge to) {
        long[] inside = new long[Shapes.constantElements(shape)];
        for (int row = 0; row < shape[0]; row++) {
            for (int column = 0; column < shape[1]; column++) {
                boolean within = column >= from.of(row) && column <= to.of(row);
                inside[row * shape[1] + column] = within ? 1 : 0;
            }
        }
        return node.builder().constant(Tensor.of(ElementType.BOOL, Shapes.boxed(shape), inside));
    }

    private static void trilu(NodeContext node) {
        Val value = node.input(0);
        boolean upper = node.flag("upper", true);
        long diagonal = node.has(1) ? node.constantLong(1, "k") : 0;
        int rank = value.rank();
        Refusal.unless(rank >= 2, "%s is no stack of matrices", value);
        Rows.spared(value, rank - 1, rank - 2);
        int[] matrix = {value.shape[rank - 2], value.shape[rank - 1]};
        long last = Integer.MAX_VALUE;
        Val kept =
                upper
                        ? triangle(node, matrix, row -> row + diagonal, row -> last)
                        : triangle(node, matrix, row -> 0, row -> row + diagonal);
        node.output(
                node.builder()
                        .elementwise(
                                value.type,
                                List.of(kept, value),
                                loads ->
                                        Terms.select(
                                                loads.get(0),
                                                loads.get(1),
                                                Terms.like(loads.get(1), 0))));
    }
}
