package dev.millrace.gpu.cuda.kernel;

import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.model.Access;
import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.Exprs;
import dev.millrace.gpu.model.Plan;
import dev.millrace.gpu.model.ScalarKind;
import dev.millrace.gpu.model.Step;
import java.util.List;
import java.util.Optional;

/**
 * A contraction that is a dense layer: a vector of the record times a constant float matrix.
 *
 * @param outputs width of the layer
 * @param length number of inputs
 * @param leftOffset of the first input, in elements
 * @param leftStride between inputs
 * @param rightOffset of the first weight
 * @param rightOutputStride between weights of neighbouring outputs
 * @param rightStride between weights of neighbouring inputs
 */
record DenseShape(
        int outputs,
        int length,
        int leftOffset,
        int leftStride,
        int rightOffset,
        int rightOutputStride,
        int rightStride) {
    static Optional<DenseShape> of(Plan plan, Step step) {
        if (!(step instanceof Step.Contraction contraction)
                || contraction.kind() != ScalarKind.F32
                || contraction.space().size() > 1
                || contraction.reduced().size() != 1) {
            return Optional.empty();
        }
        Access left = contraction.inputs().get(0);
        Access right = contraction.inputs().get(1);
        boolean vector = !contraction.space().isEmpty();
        if (plan.value(left).isConstant()
                || plan.value(left).type() != ElementType.FLOAT32
                || !plan.value(right).isConstant()
                || plan.value(right).type() != ElementType.FLOAT32
                || (vector && left.strides().get(0) != 0)
                || startsFromTheRecord(plan, contraction)) {
            return Optional.empty();
        }
        int reducedDimension = vector ? 1 : 0;
        return Optional.of(
                new DenseShape(
                        vector ? contraction.space().get(0) : 1,
                        contraction.reduced().get(0),
                        left.offset(),
                        left.strides().get(reducedDimension),
                        right.offset(),
                        vector ? right.strides().get(0) : 0,
                        right.strides().get(reducedDimension)));
    }

    /** Whether the initial value depends on the record and not on the output alone. */
    private static boolean startsFromTheRecord(Plan plan, Step.Contraction contraction) {
        List<Access> inputs = contraction.inputs();
        return Exprs.any(
                contraction.initial(),
                part ->
                        (part instanceof Expr.Load load
                                        && !plan.value(inputs.get(load.input())).isConstant())
                                || part instanceof Expr.LoadAt
                                || part instanceof Expr.CheckedIndex);
    }
}
