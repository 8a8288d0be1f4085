package dev.millrace.gpu.model;

import java.util.List;
import java.util.Optional;

/**
 * One computation of a plan, for every record by itself. Steps run in order; a step may read what
 * earlier ones wrote. Every element of {@code output} that a step's space reaches is written
 * exactly once; several steps may write disjoint parts of one value.
 *
 * <p>An iteration space lists extents, the last one fastest. It can be empty (one point), and an
 * extent can be 0 (no points).
 */
public sealed interface Step {
    /** The model's node(s) this came from: operator and name. For messages. */
    String origin();

    /** Everything read. */
    List<Access> inputs();

    /** What is written. For {@link TopK}, the values; see there. */
    Access output();

    /**
     * {@code output[i] = body(i)} at every point i of {@code space}; points are independent.
     *
     * @param inputs strides over {@code space}
     */
    record Elementwise(
            String origin, List<Integer> space, List<Access> inputs, Expr body, Access output)
            implements Step {
        public Elementwise {
            space = List.copyOf(space);
            inputs = List.copyOf(inputs);
        }
    }

    /**
     * Sums of products: dense layers, matrix products, convolutions.
     *
     * <p>At each point i of {@code space}: {@code acc = initial(i)}; then for every point k of
     * {@code reduced} in row-major order {@code acc = fma(left[i,k], right[i,k], acc)}; then {@code
     * output[i] = finish(i)}, where {@link Expr.Accumulated} is acc. In F32 and F64 the fused
     * multiply-add rounds once and the order is binding; never split. In I64 the sum is exact
     * modulo 2^64, in any order; {@code smallIntegers} says that every operand fits in 9 signed
     * bits, so that 32-bit sums are exact too.
     *
     * <p>{@code inputs} 0 and 1 are left and right with strides over {@code space} followed by
     * {@code reduced}; the others have strides over {@code space} alone and serve {@code initial}
     * and {@code finish}. If one operand is constant it is the right one. A constant matrix of a
     * dense layer lies k-major: stride 1 over the outputs.
     *
     * @param kind of the accumulator and both operands
     */
    record Contraction(
            String origin,
            ScalarKind kind,
            List<Integer> space,
            List<Integer> reduced,
            boolean smallIntegers,
            List<Access> inputs,
            Expr initial,
            Expr finish,
            Access output)
            implements Step {
        public Contraction {
            space = List.copyOf(space);
            reduced = List.copyOf(reduced);
            inputs = List.copyOf(inputs);
        }
    }

    /** How a {@link Reduction} combines. */
    enum Combine {
        /** Identity +0 (0). */
        SUM,
        /** Identity 1. */
        PRODUCT,
        /** {@link BinaryOp#MAX}, identity minus infinity (the least I64). Exact in any order. */
        MAX,
        /** {@link BinaryOp#MIN}, identity infinity (the greatest I64). Exact in any order. */
        MIN
    }

    /**
     * Sums, products, maxima: pooling, softmax, normalisation.
     *
     * <p>At each point i of {@code space}: number the points k of {@code reduced} in row-major
     * order 0, 1, ...; 32 partial results start from the identity, and partial p takes, ascending,
     * every k with {@code k mod 32 == p}: {@code partial[p] = partial[p] op term(i,k)}. Then for s
     * = 16, 8, 4, 2, 1 and p below s: {@code partial[p] = partial[p] op partial[p + s]}. {@link
     * Expr.Accumulated} in {@code finish} is partial[0]. (A partial that took nothing may be left
     * out: an identity changes nothing, since a sum that started at +0 is never -0.)
     *
     * <p>{@code inputs} have strides over {@code space} followed by {@code reduced}; {@code finish}
     * loads only those whose strides over {@code reduced} are all 0.
     *
     * @param kind of the accumulator, and of {@code term}
     */
    record Reduction(
            String origin,
            ScalarKind kind,
            Combine combine,
            List<Integer> space,
            List<Integer> reduced,
            List<Access> inputs,
            Expr term,
            Expr finish,
            Access output)
            implements Step {
        public Reduction {
            space = List.copyOf(space);
            reduced = List.copyOf(reduced);
            inputs = List.copyOf(inputs);
        }
    }

    /**
     * Positions of largest or smallest elements. At each point i of {@code space}: best = 0; then
     * for k = 1, 2, ... of {@code reduced} in row-major order, best = k if term(i,k) is greater
     * (for a minimum: less) than term(i,best), or, with {@code last}, equal to it. Comparisons with
     * NaN are false. {@link Expr.Accumulated} of kind I64 in {@code finish} is best.
     *
     * <p>{@code inputs} have strides over {@code space} followed by {@code reduced}; {@code finish}
     * loads only those whose strides over {@code reduced} are all 0.
     */
    record ArgReduction(
            String origin,
            boolean maximum,
            boolean last,
            List<Integer> space,
            List<Integer> reduced,
            List<Access> inputs,
            Expr term,
            Expr finish,
            Access output)
            implements Step {
        public ArgReduction {
            space = List.copyOf(space);
            reduced = List.copyOf(reduced);
            inputs = List.copyOf(inputs);
        }
    }

    /**
     * Running sums along one dimension: {@code acc = +0}, then for j ascending from 0 (with {@code
     * reverse}, descending from the last): inclusive {@code acc = acc + x[i,j]; output[i,j] = acc},
     * {@code exclusive} the other way round.
     *
     * @param length extent of the summed dimension, the last one of input and output
     */
    record RunningSum(
            String origin,
            ScalarKind kind,
            List<Integer> space,
            int length,
            boolean exclusive,
            boolean reverse,
            Access input,
            Access output)
            implements Step {
        public RunningSum {
            space = List.copyOf(space);
        }

        @Override
        public List<Access> inputs() {
            return List.of(input);
        }
    }

    /**
     * The {@code count} largest (or smallest) elements along one dimension, best first, ties and
     * NaN by lower position: position p is before q if x[p] is greater (less) than x[q], or not and
     * x[q] is not greater (less) than x[p] and p &lt; q; NaN counts as greater than every number.
     *
     * @param length extent of the searched dimension, the last one of {@code input}; outputs have
     *     {@code count} there
     * @param output the elements, where wanted
     * @param positions their positions, where wanted, INT64
     */
    record TopK(
            String origin,
            ScalarKind kind,
            boolean largest,
            List<Integer> space,
            int length,
            int count,
            Access input,
            Access output,
            Optional<Access> positions)
            implements Step {
        public TopK {
            space = List.copyOf(space);
        }

        @Override
        public List<Access> inputs() {
            return List.of(input);
        }
    }

    /**
     * An ensemble of decision trees over the record's features. See {@link Trees}.
     *
     * @param input the features, stride over the feature number: one stride
     * @param output raw scores before any post-transform, one per target, FLOAT32 or FLOAT64: one
     *     stride
     */
    record TreeEnsemble(String origin, Trees trees, Access input, Access output) implements Step {
        @Override
        public List<Access> inputs() {
            return List.of(input);
        }
    }
}
