package dev.millrace.gpu.lowering;

import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.ScalarKind;
import dev.millrace.gpu.model.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Scattering to constant places: for every element of the result a constant says which update it
 * takes, if any. Where several updates hit one place, they are applied one round after another.
 */
final class ScatterOps {
    private ScatterOps() {}

    static void register(Operators operators) {
        operators.standard("Scatter", ScatterOps::elements);
        operators.standard("ScatterElements", ScatterOps::elements);
        operators.standard("ScatterND", ScatterOps::nd);
    }

    private static void elements(NodeContext node) {
        Val data = node.input(0);
        Val updates = node.input(2);
        Tensor indices = node.constant(1, "the indices");
        int axis = node.axis("axis", 0, data.rank());
        String reduction = node.text("reduction", "none");
        int[] shape = Shapes.unboxed(indices.shape());
        Refusal.unless(
                Arrays.equals(shape, updates.shape) && shape.length == data.rank(),
                "%s do not fit %s",
                updates,
                data);
        int[] strides = Shapes.strides(data.shape);
        int[] targets = new int[indices.elements()];
        int[] coordinates = new int[shape.length];
        for (int i = 0; i < targets.length; i++) {
            for (int dimension = 0; dimension < shape.length; dimension++) {
                long place = dimension == axis ? indices.longAt(i) : coordinates[dimension];
                targets[i] += place(place, data.shape[dimension]) * strides[dimension];
            }
            Positions.advance(coordinates, shape);
        }
        node.output(scattered(node.builder(), data, updates, targets, reduction));
    }

    private static void nd(NodeContext node) {
        Val data = node.input(0);
        Val updates = node.input(2);
        Tensor indices = node.constant(1, "the indices");
        String reduction = node.text("reduction", "none");
        int[] shape = Shapes.unboxed(indices.shape());
        Refusal.unless(shape.length > 0, "the indices are a scalar");
        int width = shape[shape.length - 1];
        Refusal.unless(width <= data.rank(), "%d indices do not fit %s", width, data);
        int[] expected =
                Shapes.concat(
                        Arrays.copyOf(shape, shape.length - 1),
                        Arrays.copyOfRange(data.shape, width, data.rank()));
        Refusal.unless(Arrays.equals(expected, updates.shape), "%s do not fit %s", updates, data);
        int block = Shapes.product(data.shape, width, data.rank());
        int[] strides = Shapes.strides(data.shape);
        int[] targets = new int[updates.elements()];
        for (int i = 0; i < targets.length; i++) {
            int tuple = i / block;
            targets[i] = i % block;
            for (int part = 0; part < width; part++) {
                long place = indices.longAt(tuple * width + part);
                targets[i] += place(place, data.shape[part]) * strides[part];
            }
        }
        node.output(scattered(node.builder(), data, updates, targets, reduction));
    }

    private static int place(long index, int extent) {
        Refusal.unless(
                index >= -extent && index < extent, "index %d is not one of %d", index, extent);
        return (int) (index < 0 ? index + extent : index);
    }

    private static Val scattered(
            Builder builder, Val data, Val updates, int[] targets, String reduction) {
        ElementwiseOps.sameType(data, updates);
        Rows.mixes(data.hasRows() || updates.hasRows());
        List<long[]> rounds = rounds(targets, data.elements(), reduction.equals("none"));
        View flat = builder.view(Views.reshape(builder, updates, flat(updates), Rows.NONE));
        Val result = data;
        for (long[] round : rounds) {
            result = applied(builder, result, flat, round, reduction);
        }
        return result;
    }

    private static int[] flat(Val value) {
        return new int[] {value.elements()};
    }

    /** For each element of the result the update it takes, -1 for none; the last one wins. */
    private static List<long[]> rounds(int[] targets, int elements, boolean overwrite) {
        List<long[]> rounds = new ArrayList<>();
        int[] hits = new int[elements];
        for (int update = 0; update < targets.length; update++) {
            int target = targets[update];
            int round = overwrite ? 0 : hits[target]++;
            while (rounds.size() <= round) {
                long[] none = new long[elements];
                Arrays.fill(none, -1);
                rounds.add(none);
                Refusal.unless(rounds.size() <= 64, "more than 64 updates hit one place");
            }
            rounds.get(round)[target] = update;
        }
        return rounds;
    }

    private static Val applied(
            Builder builder, Val data, View updates, long[] round, String reduction) {
        Val places =
                builder.constant(Tensor.of(ElementType.INT64, Shapes.boxed(data.shape), round));
        Operands operands = new Operands(builder, data.shape, false);
        Expr before = operands.use(data);
        Expr place = operands.use(places);
        int[] still = new int[data.rank()];
        View base = new View(updates.value(), updates.offset(), Shapes.boxed(still));
        int stride = updates.strides().get(0);
        Expr zero = Terms.literal(ScalarKind.I64, 0);
        Expr offset = Terms.mul(Terms.max(place, zero), Terms.literal(ScalarKind.I64, stride));
        Expr update = new Expr.LoadAt(operands.index(base), offset, data.kind());
        Expr after =
                switch (reduction) {
                    case "none" -> update;
                    case "add" -> Terms.add(before, update);
                    case "mul" -> Terms.mul(before, update);
                    case "max" -> Terms.max(before, update);
                    case "min" -> Terms.min(before, update);
                    default ->
                            throw new Refusal("reduction '%s' is not covered".formatted(reduction));
                };
        Expr body = Terms.select(Terms.less(place, zero), before, after);
        return builder.defer(
                data.type,
                data.shape,
                Rows.NONE,
                new Deferred(operands.origin(), operands.root(), operands.inputs(), body));
    }
}
