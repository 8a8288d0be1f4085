package dev.millrace.gpu.model;

import dev.millrace.gpu.engine.ElementType;
import java.util.List;
import java.util.Optional;

/**
 * A tensor of the plan as one record sees it: {@code elements()} elements in row-major order,
 * without the row dimension. The elements of record r start at element {@code r * elements()} of
 * the micro-batch's buffer; constants exist once, not per record.
 *
 * @param id position in {@link Plan#values()}
 * @param name the name in the model, or one derived from it; for messages
 * @param type how the elements lie in memory
 * @param shape without the row dimension; steps use their own iteration spaces, this is for people
 * @param role where the memory is
 * @param slot for INPUT and OUTPUT the position in the signature, else -1
 * @param constant for CONSTANT the contents
 */
public record PlanValue(
        int id,
        String name,
        ElementType type,
        List<Integer> shape,
        Role role,
        int slot,
        Optional<Tensor> constant) {
    /** Where a value's memory is. */
    public enum Role {
        /** A model input in a slot's buffer. Never written. */
        INPUT,
        /** A model output in a slot's buffer. May also be read by later steps. */
        OUTPUT,
        /** Weights and tables, the same for all records. */
        CONSTANT,
        /** Written by one or more steps, read by later ones. */
        INTERMEDIATE
    }

    public PlanValue {
        shape = List.copyOf(shape);
    }

    /** Number of elements of one record. */
    public int elements() {
        int elements = 1;
        for (int dimension : shape) {
            elements = Math.multiplyExact(elements, dimension);
        }
        return elements;
    }

    public boolean isConstant() {
        return role == Role.CONSTANT;
    }

    /** The contents of a constant. */
    public Tensor tensor() {
        return constant.orElseThrow(
                () -> new IllegalStateException("Value " + name + " is not a constant"));
    }
}
