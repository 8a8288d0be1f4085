package dev.millrace.gpu.lowering;

import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.model.BinaryOp;
import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.Exprs;
import dev.millrace.gpu.model.Step;
import dev.millrace.gpu.model.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What attention adds to the products of queries and keys before the softmax: 0 where a query may
 * see a key, minus infinity where it may not, or what a mask says.
 *
 * @param queries positions of the block of queries
 * @param keys positions of all keys
 * @param before keys before the first query's own position, where that is the same for all records
 * @param filled how many keys of each batch element are there, if that is data: [batch]
 * @param causal whether a query sees no later position
 * @param left how far back it sees, -1 without limit
 * @param right how far ahead it sees, -1 without limit
 */
record AttentionBias(
        Builder builder,
        int queries,
        int keys,
        int before,
        Optional<Val> filled,
        boolean causal,
        long left,
        long right) {
    private static final Expr SEEN = Exprs.f32(0);
    private static final Expr UNSEEN = Exprs.f32(Float.NEGATIVE_INFINITY);

    private boolean limits() {
        return causal || left >= 0 || right >= 0;
    }

    /**
     * The sum of all, broadcast against {@code [batch, groups, members, queries, keys]}.
     *
     * @param mask of rank 5, BOOL or floating point
     */
    Optional<Val> with(Optional<Val> mask) {
        List<Val> operands = new ArrayList<>();
        mask.ifPresent(operands::add);
        boolean fixed = limits() && filled.isEmpty();
        if (fixed) {
            operands.add(fixedLimits());
        }
        if (filled.isPresent()) {
            operands.add(positions(queries, 3));
            operands.add(positions(keys, 4));
            operands.add(counts(filled.get()));
        }
        if (operands.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                builder.elementwise(
                        ElementType.FLOAT32, operands, loads -> sum(mask, fixed, loads)));
    }

    private Expr sum(Optional<Val> mask, boolean fixed, List<Expr> loads) {
        List<Expr> terms = new ArrayList<>();
        if (mask.isPresent()) {
            boolean truth = mask.get().type == ElementType.BOOL;
            terms.add(truth ? Terms.select(loads.get(0), SEEN, UNSEEN) : loads.get(0));
        }
        if (fixed) {
            terms.add(loads.get(loads.size() - 1));
        }
        if (filled.isPresent()) {
            Expr key = loads.get(loads.size() - 2);
            Expr count = loads.get(loads.size() - 1);
            Expr shift = Terms.sub(count, Exprs.i64(queries));
            Expr position = Terms.add(loads.get(loads.size() - 3), shift);
            Expr seen = Terms.less(key, count);
            for (Expr limit : limits(position, key)) {
                seen = Terms.binary(BinaryOp.AND, seen, limit);
            }
            terms.add(Terms.select(seen, SEEN, UNSEEN));
        }
        return terms.stream().reduce(Terms::add).orElseThrow();
    }

    private List<Expr> limits(Expr position, Expr key) {
        List<Expr> limits = new ArrayList<>();
        if (causal) {
            limits.add(Terms.lessOrEqual(key, position));
        }
        if (left >= 0) {
            limits.add(Terms.lessOrEqual(Terms.sub(position, Exprs.i64(left)), key));
        }
        if (right >= 0) {
            limits.add(Terms.lessOrEqual(key, Terms.add(position, Exprs.i64(right))));
        }
        return limits;
    }

    private Val fixedLimits() {
        float[] limits = new float[Shapes.elements(new int[] {queries, keys})];
        for (int query = 0; query < queries; query++) {
            long position = (long) query + before;
            for (int key = 0; key < keys; key++) {
                boolean seen =
                        (!causal || key <= position)
                                && (left < 0 || position - left <= key)
                                && (right < 0 || key <= position + right);
                limits[query * keys + key] = seen ? 0 : Float.NEGATIVE_INFINITY;
            }
        }
        return builder.constant(new int[] {queries, keys}, limits);
    }

    /** 0, 1, 2, ... along one of five dimensions. */
    private Val positions(int count, int axis) {
        long[] positions = new long[count];
        for (int i = 0; i < count; i++) {
            positions[i] = i;
        }
        List<Integer> shape = new ArrayList<>(List.of(1, 1, 1, 1, 1));
        shape.set(axis, count);
        return builder.constant(Tensor.of(ElementType.INT64, shape, positions));
    }

    private Val counts(Val count) {
        Refusal.unless(
                count.rank() == 1 && count.type == ElementType.INT64,
                "%s does not count the keys of each batch element",
                count);
        View view = builder.view(count);
        List<Integer> strides = List.of(view.strides().get(0), 0, 0, 0, 0);
        int[] shape = {count.shape[0], 1, 1, 1, 1};
        return builder.viewed(
                count, shape, count.rowAxis, new View(view.value(), view.offset(), strides));
    }

    /**
     * Which queries see no key at all, [..., queries, 1]; empty if every one certainly sees some.
     */
    Optional<Val> blind(Optional<Val> bias) {
        if (bias.isEmpty()) {
            return Optional.empty();
        }
        Val most = Heads.alongLast(builder, bias.get(), Step.Combine.MAX);
        if (builder.isConstant(most)) {
            Tensor tensor = builder.tensor(most);
            boolean any = false;
            for (int i = 0; i < tensor.elements(); i++) {
                any |= tensor.floatAt(i) == Float.NEGATIVE_INFINITY;
            }
            if (!any) {
                return Optional.empty();
            }
        }
        return Optional.of(
                builder.elementwise(
                        ElementType.BOOL,
                        List.of(most),
                        loads -> Terms.equal(loads.get(0), UNSEEN)));
    }
}
