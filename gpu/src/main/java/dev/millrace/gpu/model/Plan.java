package dev.millrace.gpu.model;

import dev.millrace.gpu.engine.ModelSignature;
import java.util.List;

/**
 * What a model computes, as a short list of steps that every portable backend carries out to the
 * same bits. Immutable; made by the ONNX import.
 *
 * <p><b>One record at a time.</b> Values and steps describe a single record; there is no row
 * dimension anywhere. A backend applies the steps to each row of a micro-batch, in any order and
 * any parallelism between rows, and no row can see another. In memory, row r of a non-constant
 * value starts at element {@code r * elements()}.
 *
 * <p><b>Arithmetic.</b> Each {@link Step} and {@link Expr} says its order and rounding; {@code
 * gpu/NUMERICS.md} adds the transcendental functions. Storing a NaN stores the canonical one
 * (0x7fc00000, 0x7e00, 0x7fc0, 0x7ff8000000000000), so that NaN bits never depend on hardware.
 *
 * @param signature inputs and outputs, without the row dimension
 * @param rowMode what a row is
 * @param values by {@link PlanValue#id()}
 * @param steps in order of execution
 */
public record Plan(
        ModelSignature signature, RowMode rowMode, List<PlanValue> values, List<Step> steps) {
    /** What one row of a micro-batch is to the model. */
    public enum RowMode {
        /** The model's first dimension is free: a row is one slice of it. */
        FIRST_DIMENSION,
        /** The model's shapes are fixed: a row is one whole set of inputs. */
        WHOLE_MODEL
    }

    public Plan {
        values = List.copyOf(values);
        steps = List.copyOf(steps);
    }

    public PlanValue value(int id) {
        return values.get(id);
    }

    /** The value an access goes through. */
    public PlanValue value(Access access) {
        return values.get(access.value());
    }

    /** The value behind a model input. */
    public PlanValue input(int index) {
        return bound(PlanValue.Role.INPUT, index);
    }

    /** The value behind a model output. */
    public PlanValue output(int index) {
        return bound(PlanValue.Role.OUTPUT, index);
    }

    private PlanValue bound(PlanValue.Role role, int slot) {
        for (PlanValue value : values) {
            if (value.role() == role && value.slot() == slot) {
                return value;
            }
        }
        throw new IllegalArgumentException("The plan has no " + role + " number " + slot);
    }

    /**
     * Whether a record can be at fault ({@link Expr.CheckedIndex}). If so an engine watches for it
     * and fails the submission as {@code BAD_INPUT}, naming the first row at fault; other rows are
     * not affected by it.
     */
    public boolean mayFault() {
        return steps.stream().anyMatch(Exprs::mayFault);
    }
}
