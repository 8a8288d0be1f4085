package dev.millrace.gpu.cpu;

import dev.millrace.gpu.model.Access;
import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.Plan;
import dev.millrace.gpu.model.PlanValue;
import dev.millrace.gpu.model.ScalarKind;
import dev.millrace.gpu.model.Step;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;

/**
 * A float32 contraction seen as a batch of matrix products: where its operands' elements lie.
 * Immutable.
 *
 * <p>A dimension of the space in which the right operand stands still counts positions (the pixels
 * of a convolution, the tokens of a sequence), one in which only the left stands still counts
 * outputs, and one in which both move counts groups (of channels, attention heads). Offsets are in
 * elements, from the first point's on, in row-major order of those dimensions.
 */
final class Product {
    final Access left;
    final Access right;
    final Access output;
    final int leftRowElements;
    final int rightRowElements;
    final int outputRowElements;
    final int[] leftGroups;
    final int[] leftPositions;
    final int[] leftTerms;
    final int[] rightGroups;
    final int[] rightOutputs;
    final int[] rightTerms;
    final int[] outputGroups;
    final int[] outputPositions;
    final int[] outputOutputs;

    private final Plan plan;
    private final Step.Contraction step;

    /** The number of the step's input that sums start from; -1 if from a literal. */
    private final int startInput;

    private final int startRowElements;
    private final int startOffset;
    private final int[] startGroups;
    private final int[] startPositions;
    private final int[] startOutputs;

    /** What sums start from where it is constant; else empty. */
    private final float[] startConstants;

    private Product(Plan plan, Step.Contraction step, int outputRowElements) {
        this.plan = plan;
        this.step = step;
        this.outputRowElements = outputRowElements;
        left = step.inputs().get(0);
        right = step.inputs().get(1);
        output = step.output();
        leftRowElements = rowElements(left);
        rightRowElements = rowElements(right);
        leftGroups = offsets(left, this::isGroup);
        leftPositions = offsets(left, this::isPosition);
        leftTerms = terms(left);
        rightGroups = offsets(right, this::isGroup);
        rightOutputs = offsets(right, this::isOutput);
        rightTerms = terms(right);
        outputGroups = offsets(output, this::isGroup);
        outputPositions = offsets(output, this::isPosition);
        outputOutputs = offsets(output, this::isOutput);
        startInput = step.initial() instanceof Expr.Load load ? load.input() : -1;
        Access start = startInput < 0 ? left : step.inputs().get(startInput);
        startRowElements = rowElements(start);
        startOffset = start.offset();
        startGroups = offsets(start, this::isGroup);
        startPositions = offsets(start, this::isPosition);
        startOutputs = offsets(start, this::isOutput);
        boolean constant = startInput >= 0 && plan.value(start).isConstant();
        startConstants = constant ? plan.value(start).tensor().toFloats() : new float[0];
    }

    /** A product with the record's values on the left; empty for any other step. */
    static Optional<Product> of(Plan plan, Step.Contraction step, int outputRowElements) {
        PlanValue left = plan.value(step.inputs().get(0));
        PlanValue right = plan.value(step.inputs().get(1));
        boolean floats =
                step.kind() == ScalarKind.F32
                        && ScalarKind.of(left.type()) == ScalarKind.F32
                        && ScalarKind.of(right.type()) == ScalarKind.F32;
        boolean empty = step.space().contains(0) || step.reduced().contains(0);
        boolean starts =
                step.initial() instanceof Expr.Constant || step.initial() instanceof Expr.Load;
        return floats && starts && !empty && !left.isConstant()
                ? Optional.of(new Product(plan, step, outputRowElements))
                : Optional.empty();
    }

    private boolean isPosition(int dimension) {
        return right.strides().get(dimension) == 0;
    }

    private boolean isOutput(int dimension) {
        return left.strides().get(dimension) == 0 && !isPosition(dimension);
    }

    private boolean isGroup(int dimension) {
        return left.strides().get(dimension) != 0 && !isPosition(dimension);
    }

    private int rowElements(Access access) {
        PlanValue value = plan.value(access);
        return value.isConstant() ? 0 : value.elements();
    }

    int groups() {
        return leftGroups.length;
    }

    int positions() {
        return leftPositions.length;
    }

    int outputs() {
        return rightOutputs.length;
    }

    int terms() {
        return leftTerms.length;
    }

    /**
     * Whether sums start from the same values at every position of every record and, where one
     * layer is loaded for all groups, in every group.
     */
    boolean hasBias() {
        return startInput < 0
                || (startRowElements == 0
                        && isStill(startPositions)
                        && (plan.value(right).isConstant() || isStill(startGroups)));
    }

    private static boolean isStill(int[] offsets) {
        return Arrays.stream(offsets).allMatch(offset -> offset == 0);
    }

    /** What the sums of a group's outputs start from, if that is a bias. */
    float[] bias(int group) {
        float[] bias = new float[outputs()];
        if (step.initial() instanceof Expr.Constant constant) {
            Arrays.fill(bias, constant.asFloat());
            return bias;
        }
        for (int n = 0; n < bias.length; n++) {
            bias[n] = startConstants[startOffset + startGroups[group] + startOutputs[n]];
        }
        return bias;
    }

    /** The right operand of a group, if it is constant: outputs side by side, term by term. */
    float[] weights(int group) {
        float[] source = plan.value(right).tensor().toFloats();
        float[] weights = new float[Math.multiplyExact(terms(), outputs())];
        int from = right.offset() + rightGroups[group];
        for (int k = 0; k < terms(); k++) {
            for (int n = 0; n < outputs(); n++) {
                weights[k * outputs() + n] = source[from + rightTerms[k] + rightOutputs[n]];
            }
        }
        return weights;
    }

    /**
     * Writes what sums start from, unless it is a bias.
     *
     * @param inputs the elements behind the step's inputs
     * @param first position, numbered through all rows
     * @param y to hold the outputs of position {@code first + i} at {@code yOffset + i * yStride}
     */
    void start(
            float[][] inputs,
            int group,
            int first,
            int count,
            float[] y,
            int yOffset,
            int yStride) {
        if (hasBias()) {
            return;
        }
        float[] source = startRowElements == 0 ? startConstants : inputs[startInput];
        for (int i = 0; i < count; i++) {
            int row = (first + i) / positions();
            int from = row * startRowElements + startOffset + startGroups[group];
            from += startPositions[first + i - row * positions()];
            int to = yOffset + i * yStride;
            for (int n = 0; n < startOutputs.length; n++) {
                y[to + n] = source[from + startOutputs[n]];
            }
        }
    }

    private int[] offsets(Access access, IntPredicate selected) {
        List<Integer> extents = new ArrayList<>();
        List<Integer> strides = new ArrayList<>();
        for (int d = 0; d < step.space().size(); d++) {
            if (selected.test(d)) {
                extents.add(step.space().get(d));
                strides.add(d < access.strides().size() ? access.strides().get(d) : 0);
            }
        }
        return offsets(extents, strides);
    }

    private int[] terms(Access access) {
        int rank = step.space().size();
        return offsets(step.reduced(), access.strides().subList(rank, access.strides().size()));
    }

    private static int[] offsets(List<Integer> extents, List<Integer> strides) {
        int[] offsets = {0};
        for (int d = 0; d < extents.size(); d++) {
            int extent = extents.get(d);
            int[] finer = new int[Math.multiplyExact(offsets.length, extent)];
            for (int i = 0; i < finer.length; i++) {
                finer[i] = offsets[i / extent] + i % extent * strides.get(d);
            }
            offsets = finer;
        }
        return offsets;
    }
}
