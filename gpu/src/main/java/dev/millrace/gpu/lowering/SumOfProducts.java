package dev.millrace.gpu.lowering;

import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.ScalarKind;
import java.util.ArrayList;
import java.util.List;

/**
 * Puts a contraction together dimension by dimension: the dimensions of the result first, then
 * those that are summed along, each with the distance it moves in both factors and in the value
 * that the sums start from.
 */
final class SumOfProducts {
    private final ScalarKind kind;
    private final View left;
    private final View right;
    private final List<Integer> space = new ArrayList<>();
    private final List<Integer> reduced = new ArrayList<>();
    private final List<Integer> leftStrides = new ArrayList<>();
    private final List<Integer> rightStrides = new ArrayList<>();
    private final List<Integer> startStrides = new ArrayList<>();
    private View start;
    private boolean smallIntegers;

    SumOfProducts(ScalarKind kind, View left, View right) {
        this.kind = kind;
        this.left = left;
        this.right = right;
    }

    /** Every factor fits in 9 signed bits. */
    SumOfProducts ofSmallIntegers(boolean small) {
        smallIntegers = small;
        return this;
    }

    /** The sums start from here, not from zero. */
    SumOfProducts startingFrom(View from) {
        start = from;
        return this;
    }

    /** Adds a dimension of the result. */
    SumOfProducts along(int extent, int leftStride, int rightStride, int startStride) {
        if (!reduced.isEmpty()) {
            throw new IllegalStateException("dimensions of the result come first");
        }
        space.add(extent);
        leftStrides.add(leftStride);
        rightStrides.add(rightStride);
        startStrides.add(startStride);
        return this;
    }

    /** Adds a dimension that is summed along. */
    SumOfProducts over(int extent, int leftStride, int rightStride) {
        reduced.add(extent);
        leftStrides.add(leftStride);
        rightStrides.add(rightStride);
        startStrides.add(0);
        return this;
    }

    int[] shape() {
        return Shapes.unboxed(space);
    }

    Deferred deferred(Builder builder) {
        List<View> inputs = new ArrayList<>();
        View first = new View(left.value(), left.offset(), leftStrides);
        View second = new View(right.value(), right.offset(), rightStrides);
        boolean swaps = builder.isConstant(first.value()) && !builder.isConstant(second.value());
        inputs.add(swaps ? second : first);
        inputs.add(swaps ? first : second);
        Expr initial = Terms.literal(kind, 0);
        if (start != null) {
            inputs.add(new View(start.value(), start.offset(), startStrides));
            initial = new Expr.Load(2, kind);
        }
        return new Deferred(
                builder.origin(),
                new Deferred.Product(kind, reduced, smallIntegers, initial),
                inputs,
                new Expr.Accumulated(kind));
    }
}
