package dev.millrace.gpu.lowering;

import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.Exprs;
import dev.millrace.gpu.model.ScalarKind;
import java.util.ArrayList;
import java.util.List;

/** The operator RotaryEmbedding: turns pairs of elements by angles that grow with the position. */
final class RotaryEmbedding {
    private final Builder builder;
    private final Val heads;
    private final Val cosines;
    private final Val sines;
    private final boolean interleaved;
    private final int turned;

    private RotaryEmbedding(NodeContext node, Val heads) {
        this.heads = heads;
        builder = node.builder();
        interleaved = node.flag("interleaved", false);
        int size = heads.shape[3];
        int asked = Math.toIntExact(node.integer("rotary_embedding_dim", 0));
        turned = asked == 0 ? size : asked;
        Refusal.unless(
                turned > 0 && turned <= size && turned % 2 == 0,
                "%d of %d elements cannot be turned in pairs",
                turned,
                size);
        cosines = angles(node, node.input(1));
        sines = angles(node, node.input(2));
    }

    static void lower(NodeContext node) {
        Val x = node.input(0);
        Builder builder = node.builder();
        boolean flat = x.rank() == 3;
        Refusal.unless(
                x.kind() == ScalarKind.F32 && (flat || x.rank() == 4), "%s is not covered", x);
        int count = Math.toIntExact(node.integer("num_heads", flat ? 0 : x.shape[1]));
        Val heads = flat ? Heads.apart(builder, x, count) : x;
        Rows.spared(heads, 1, 2, 3);
        Val result = builder.allocate(x.type, x.shape, x.rowAxis);
        Val target = flat ? Heads.apart(builder, result, count) : result;
        new RotaryEmbedding(node, heads).write(target.view());
        node.output(result);
    }

    /** {@code [batch, 1, positions, pairs]}: one angle for each position and pair. */
    private Val angles(NodeContext node, Val cache) {
        int batch = heads.shape[0];
        int positions = heads.shape[2];
        int pairs = turned / 2;
        int[] shape = {batch, 1, positions, pairs};
        View view = builder.view(cache);
        int rank = cache.rank();
        Refusal.unless(
                cache.type == heads.type
                        && rank == (node.has(3) ? 2 : 3)
                        && cache.shape[rank - 1] == pairs,
                "angles %s do not fit %d pairs",
                cache,
                pairs);
        if (!node.has(3)) {
            Rows.spared(cache, 1, 2);
            Refusal.unless(
                    cache.shape[1] == positions && (cache.shape[0] == batch || cache.shape[0] == 1),
                    "angles %s do not fit %d positions",
                    cache,
                    positions);
            List<Integer> strides = new ArrayList<>(view.strides());
            strides.add(1, 0);
            int[] own = {cache.shape[0], 1, positions, pairs};
            return builder.viewed(
                    cache, own, cache.rowAxis, new View(view.value(), view.offset(), strides));
        }
        Rows.absent(cache, "the table of angles");
        Val numbers = node.input(3);
        Refusal.unless(
                numbers.rank() == 2 && numbers.kind() == ScalarKind.I64,
                "positions %s are not covered",
                numbers);
        Operands operands = new Operands(builder, shape, true);
        View spread = builder.view(numbers);
        List<Integer> strides = List.of(spread.strides().get(0), 0, spread.strides().get(1), 0);
        Val along =
                builder.viewed(
                        numbers,
                        new int[] {numbers.shape[0], 1, numbers.shape[1], 1},
                        numbers.rowAxis,
                        new View(spread.value(), spread.offset(), strides));
        int rowAxis = Rows.broadcast(shape, List.of(along));
        Expr number = new Expr.CheckedIndex(operands.use(along), cache.shape[0]);
        int table =
                operands.index(
                        new View(
                                view.value(),
                                view.offset(),
                                List.of(0, 0, 0, view.strides().get(1))));
        Expr offset = Terms.mul(number, Exprs.i64(view.strides().get(0)));
        Expr angle = new Expr.LoadAt(table, offset, ScalarKind.F32);
        Val gathered =
                builder.defer(
                        cache.type,
                        shape,
                        rowAxis,
                        new Deferred(operands.origin(), operands.root(), operands.inputs(), angle));
        builder.view(gathered);
        return gathered;
    }

    private void write(View target) {
        int pairs = turned / 2;
        int step = interleaved ? 2 : 1;
        int second = interleaved ? 1 : pairs;
        Val a = part(heads, builder.view(heads), 0, step, pairs);
        Val b = part(heads, builder.view(heads), second, step, pairs);
        List<Val> operands = List.of(a, b, cosines, sines);
        Val first =
                builder.elementwise(
                        heads.type,
                        operands,
                        x ->
                                Terms.sub(
                                        Terms.mul(x.get(2), x.get(0)),
                                        Terms.mul(x.get(3), x.get(1))));
        Val other =
                builder.elementwise(
                        heads.type,
                        operands,
                        x ->
                                Terms.add(
                                        Terms.mul(x.get(3), x.get(0)),
                                        Terms.mul(x.get(2), x.get(1))));
        builder.compute(first, part(heads, target, 0, step, pairs).view());
        builder.compute(other, part(heads, target, second, step, pairs).view());
        int left = heads.shape[3] - turned;
        if (left > 0) {
            Val rest = part(heads, builder.view(heads), turned, 1, left);
            builder.compute(rest, part(heads, target, turned, 1, left).view());
        }
    }

    private Val part(Val like, View view, int first, int step, int count) {
        List<Integer> strides = new ArrayList<>(view.strides());
        int stride = strides.set(3, step * strides.get(3));
        View moved = new View(view.value(), view.offset() + first * stride, strides);
        return builder.viewed(like, Shapes.with(like.shape, 3, count), like.rowAxis, moved);
    }
}
