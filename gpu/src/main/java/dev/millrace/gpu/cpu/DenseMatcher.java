package dev.millrace.gpu.cpu;

import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.interpreter.StepKernel;
import dev.millrace.gpu.model.Access;
import dev.millrace.gpu.model.BinaryOp;
import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.Plan;
import dev.millrace.gpu.model.PlanValue;
import dev.millrace.gpu.model.ScalarKind;
import dev.millrace.gpu.model.Step;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Recognises dense layers among contractions: a float32 product with a constant matrix, from a
 * constant bias, finished by nothing or by max(x, +0). Several rows within a record (the positions
 * of a sequence) count as rows of their own.
 */
final class DenseMatcher {
    private final Plan plan;
    private final Step.Contraction step;
    private final int outputRowElements;
    private final Access left;
    private final Access right;

    /** Rows within a record, and outputs. */
    private final int innerRows;

    private final int outputs;
    private final int dimensions;
    private final boolean hasOutputDimension;

    DenseMatcher(Plan plan, Step.Contraction step, int outputRowElements) {
        this.plan = plan;
        this.step = step;
        this.outputRowElements = outputRowElements;
        left = step.inputs().get(0);
        right = step.inputs().get(1);
        dimensions = step.space().size();
        hasOutputDimension = dimensions > 0 && left.strides().get(dimensions - 1) == 0;
        outputs = hasOutputDimension ? step.space().get(dimensions - 1) : 1;
        innerRows = dimensions - (hasOutputDimension ? 1 : 0) == 0 ? 1 : step.space().get(0);
    }

    /**
     * @param layers makes or finds the layer; asks for its shape only if it has to make it
     */
    Optional<StepKernel> match(
            int maxRows, Function<Supplier<DenseLayer.Shape>, DenseLayer> layers) {
        Optional<Boolean> rectified = rectified(step.finish());
        if (rectified.isEmpty() || !matches() || !hasConstantBias()) {
            return Optional.empty();
        }
        DenseLayer layer =
                layers.apply(
                        () ->
                                new DenseLayer.Shape(
                                        step.reduced().get(0),
                                        outputs,
                                        weights(),
                                        bias(),
                                        rectified.get(),
                                        Math.multiplyExact(maxRows, innerRows)));
        int leftStride = innerRows == 1 ? leftValue().elements() : left.strides().get(0);
        int outputStride = innerRows == 1 ? outputRowElements : step.output().strides().get(0);
        int offset = left.offset();
        int outputOffset = step.output().offset();
        int inner = innerRows;
        return Optional.of(
                (values, output, rows) ->
                        layer.run(
                                values[0],
                                offset,
                                leftStride,
                                rows * inner,
                                output,
                                outputOffset,
                                outputStride));
    }

    private PlanValue leftValue() {
        return plan.value(left);
    }

    private boolean matches() {
        int outer = dimensions - (hasOutputDimension ? 1 : 0);
        return step.kind() == ScalarKind.F32
                && step.reduced().size() == 1
                && step.reduced().get(0) > 0
                && outputs > 0
                && innerRows > 0
                && outer <= 1
                && ScalarKind.of(leftValue().type()) == ScalarKind.F32
                && !leftValue().isConstant()
                && plan.value(right).isConstant()
                && plan.value(right).type() == ElementType.FLOAT32
                && left.strides().get(dimensions) == 1
                && (outer == 0 || right.strides().get(0) == 0)
                && (outer == 0 || rowsAreEvenlySpaced())
                && (!hasOutputDimension || step.output().strides().get(dimensions - 1) == 1);
    }

    /** Whether the inner rows of one record are followed by those of the next at the same pace. */
    private boolean rowsAreEvenlySpaced() {
        return left.strides().get(0) * innerRows == leftValue().elements()
                && step.output().strides().get(0) * innerRows == outputRowElements;
    }

    /** Whether a step ends in max(x, +0); empty if in anything but that or nothing. */
    static Optional<Boolean> rectified(Expr finish) {
        if (finish instanceof Expr.Accumulated) {
            return Optional.of(false);
        }
        if (!(finish instanceof Expr.Binary binary) || binary.op() != BinaryOp.MAX) {
            return Optional.empty();
        }
        boolean leftIsZero =
                isPositiveZero(binary.left()) && binary.right() instanceof Expr.Accumulated;
        boolean rightIsZero =
                isPositiveZero(binary.right()) && binary.left() instanceof Expr.Accumulated;
        return leftIsZero || rightIsZero ? Optional.of(true) : Optional.empty();
    }

    private static boolean isPositiveZero(Expr expr) {
        return expr instanceof Expr.Constant constant
                && constant.kind() == ScalarKind.F32
                && constant.bits() == 0;
    }

    /** Whether the sums start from constants that are the same in every row. */
    private boolean hasConstantBias() {
        if (step.initial() instanceof Expr.Constant) {
            return true;
        }
        if (!(step.initial() instanceof Expr.Load load)) {
            return false;
        }
        Access access = step.inputs().get(load.input());
        boolean variesByRow =
                dimensions > (hasOutputDimension ? 1 : 0) && access.strides().get(0) != 0;
        PlanValue value = plan.value(access);
        return value.isConstant() && value.type() == ElementType.FLOAT32 && !variesByRow;
    }

    private float[] bias() {
        float[] bias = new float[outputs];
        if (step.initial() instanceof Expr.Constant constant) {
            Arrays.fill(bias, constant.asFloat());
            return bias;
        }
        Access access = step.inputs().get(((Expr.Load) step.initial()).input());
        float[] source = plan.value(access).tensor().toFloats();
        int stride = hasOutputDimension ? access.strides().get(dimensions - 1) : 0;
        for (int n = 0; n < outputs; n++) {
            bias[n] = source[access.offset() + n * stride];
        }
        return bias;
    }

    private float[] weights() {
        int inputs = step.reduced().get(0);
        float[] source = plan.value(right).tensor().toFloats();
        int outputStep = hasOutputDimension ? right.strides().get(dimensions - 1) : 0;
        int inputStep = right.strides().get(dimensions);
        float[] weights = new float[Math.multiplyExact(inputs, outputs)];
        for (int k = 0; k < inputs; k++) {
            for (int n = 0; n < outputs; n++) {
                weights[k * outputs + n] = source[right.offset() + k * inputStep + n * outputStep];
            }
        }
        return weights;
    }
}
