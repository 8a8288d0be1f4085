package dev.millrace.gpu.lowering;

import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.Step;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** Ways of attention through tensors: heads apart, groups of heads that share keys. */
final class Heads {
    private Heads() {}

    /** {@code [batch, positions, heads * size]} as {@code [batch, heads, positions, size]}. */
    static Val apart(Builder builder, Val flat, int heads) {
        Refusal.unless(heads > 0 && flat.shape[2] % heads == 0, "%s has no %d heads", flat, heads);
        Rows.spared(flat, 1, 2);
        int size = flat.shape[2] / heads;
        View view = builder.view(flat);
        int element = view.strides().get(2);
        int[] shape = {flat.shape[0], heads, flat.shape[1], size};
        List<Integer> strides =
                List.of(view.strides().get(0), size * element, view.strides().get(1), element);
        return builder.viewed(
                flat, shape, flat.rowAxis, new View(view.value(), view.offset(), strides));
    }

    /**
     * {@code [batch, heads, ...]} as {@code [batch, groups, heads / groups, ...]}; one head for all
     * becomes one group of one.
     */
    static Val grouped(Builder builder, Val value, int groups) {
        Rows.spared(value, 1);
        int heads = value.shape[1];
        boolean shared = heads == 1;
        Refusal.unless(shared || heads % groups == 0, "%s has no %d groups", value, groups);
        int members = shared ? 1 : heads / groups;
        View view = builder.view(value);
        List<Integer> strides = new ArrayList<>(view.strides());
        List<Integer> shape = new ArrayList<>(Shapes.boxed(value.shape));
        int stride = strides.get(1);
        strides.set(1, members * stride);
        strides.add(2, stride);
        shape.set(1, shared ? 1 : groups);
        shape.add(2, members);
        int rowAxis = value.rowAxis > 1 ? value.rowAxis + 1 : value.rowAxis;
        return builder.viewed(
                value,
                Shapes.unboxed(shape),
                rowAxis,
                new View(view.value(), view.offset(), strides));
    }

    /**
     * The other way round: {@code [batch, groups, members, ...]} to {@code [batch, heads, ...]}.
     */
    static Val ungrouped(Builder builder, Val value) {
        View view = builder.view(value);
        List<Integer> strides = new ArrayList<>(view.strides());
        List<Integer> shape = new ArrayList<>(Shapes.boxed(value.shape));
        boolean walkedAsOne =
                value.shape[2] == 1
                        || value.shape[1] == 1
                        || strides.get(1) == strides.get(2) * value.shape[2];
        if (!walkedAsOne) {
            throw new IllegalStateException("Heads of " + value + " are apart");
        }
        if (value.shape[2] == 1) {
            strides.remove(2);
        } else {
            strides.remove(1);
        }
        shape.set(1, value.shape[1] * value.shape[2]);
        shape.remove(2);
        return builder.viewed(
                value,
                Shapes.unboxed(shape),
                value.rowAxis,
                new View(view.value(), view.offset(), strides));
    }

    /** Writes {@code [batch, groups, members, positions, size]} with the heads side by side. */
    static Val together(Builder builder, ElementType type, Val parts) {
        int heads = parts.shape[1] * parts.shape[2];
        int positions = parts.shape[3];
        int size = parts.shape[4];
        int[] shape = {parts.shape[0], positions, heads * size};
        Val whole = builder.allocate(type, shape, parts.rowAxis);
        List<Integer> strides =
                List.of(positions * heads * size, parts.shape[2] * size, size, heads * size, 1);
        builder.compute(parts, new View(whole.view().value(), 0, strides));
        return whole;
    }

    /** Missing leading dimensions added. */
    static Val ofRank(Builder builder, Val value, int rank) {
        int missing = rank - value.rank();
        View view = builder.view(value);
        List<Integer> strides = new ArrayList<>(Collections.nCopies(missing, 0));
        strides.addAll(view.strides());
        int[] ones = new int[missing];
        Arrays.fill(ones, 1);
        int rowAxis = value.hasRows() ? value.rowAxis + missing : Rows.NONE;
        return builder.viewed(
                value,
                Shapes.concat(ones, value.shape),
                rowAxis,
                new View(view.value(), view.offset(), strides));
    }

    /** Combines the elements along the last dimension, which stays with extent 1. */
    static Val alongLast(Builder builder, Val value, Step.Combine combine) {
        int last = value.rank() - 1;
        Rows.spared(value, last);
        View view = builder.view(value);
        List<Integer> strides = new ArrayList<>(view.strides());
        int stride = strides.set(last, 0);
        View input = new View(view.value(), view.offset(), strides).followedByStride(stride);
        Deferred.Root root =
                new Deferred.Reduce(
                        value.kind(),
                        combine,
                        List.of(value.shape[last]),
                        new Expr.Load(0, value.kind()));
        return builder.defer(
                value.type,
                Shapes.with(value.shape, last, 1),
                value.rowAxis,
                new Deferred(
                        builder.origin(),
                        root,
                        List.of(input),
                        new Expr.Accumulated(value.kind())));
    }

    /** One tensor after the other along a dimension. */
    static Val joined(Builder builder, Val first, Val second, int axis) {
        Refusal.unless(
                Arrays.equals(
                        Shapes.with(first.shape, axis, 0), Shapes.with(second.shape, axis, 0)),
                "%s and %s cannot be joined",
                first,
                second);
        int rowAxis = Math.max(first.rowAxis, second.rowAxis);
        Rows.spared(first, axis);
        Rows.spared(second, axis);
        int[] shape = Shapes.with(first.shape, axis, first.shape[axis] + second.shape[axis]);
        Val whole = builder.allocate(first.type, shape, rowAxis);
        builder.compute(first, whole.view());
        int stride = whole.view().strides().get(axis);
        builder.compute(second, whole.view().shifted(first.shape[axis] * stride));
        return whole;
    }
}
