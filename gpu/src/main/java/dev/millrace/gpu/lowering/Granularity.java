package dev.millrace.gpu.lowering;

import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * Brings scales and zero points into a shape that broadcasts to what they belong to.
 *
 * @param axis along which there is one parameter per position or per block
 * @param block positions that share a parameter; 0 if parameters are not blocked
 */
record Granularity(Builder builder, Val tensor, int axis, int block) {
    /** One of a node whose attributes say the axis and the block size. */
    static Granularity of(NodeContext node, Val tensor) {
        long axis = node.integer("axis", 1);
        int block = Math.toIntExact(node.integer("block_size", 0));
        Refusal.unless(block >= 0, "block_size is %d", block);
        int rank = tensor.rank();
        boolean within = axis >= -rank && axis < rank;
        return new Granularity(
                node.builder(), tensor, within ? Shapes.axis(axis, rank) : -1, block);
    }

    /** The parameters, broadcasting to the tensor. */
    Val spread(Val parameters) {
        if (block > 0) {
            return blocked(parameters);
        }
        if (parameters.elements() == 1) {
            View view = builder.view(parameters);
            Rows.absent(parameters, "a scale or zero point");
            return builder.viewed(
                    parameters,
                    new int[0],
                    Rows.NONE,
                    new View(view.value(), view.offset(), List.of()));
        }
        Refusal.unless(
                axis >= 0 && parameters.rank() == 1 && parameters.shape[0] == tensor.shape[axis],
                "scales or zero points %s do not fit axis %d of %s",
                parameters,
                axis,
                tensor);
        return along(builder, parameters, tensor.rank() - axis);
    }

    /** A vector as a tensor of a rank, along its first dimension. */
    static Val along(Builder builder, Val vector, int rank) {
        Rows.absent(vector, "a scale or zero point");
        View view = builder.view(vector);
        List<Integer> strides = new ArrayList<>(view.strides());
        strides.addAll(Collections.nCopies(rank - 1, 0));
        int[] shape = new int[rank];
        Arrays.fill(shape, 1);
        shape[0] = vector.shape[0];
        return builder.viewed(
                vector, shape, Rows.NONE, new View(view.value(), view.offset(), strides));
    }

    private Val blocked(Val parameters) {
        int extent = axis < 0 ? 0 : tensor.shape[axis];
        int blocks = (extent + block - 1) / block;
        Refusal.unless(
                axis >= 0
                        && Arrays.equals(parameters.shape, Shapes.with(tensor.shape, axis, blocks)),
                "scales or zero points %s do not fit blocks of %d along axis %d of %s",
                parameters,
                block,
                axis,
                tensor);
        Rows.spared(parameters, axis);
        View view = builder.view(parameters);
        long[] offsets = new long[extent];
        for (int i = 0; i < extent; i++) {
            offsets[i] = (long) (i / block) * view.strides().get(axis);
        }
        Val table = builder.constant(Tensor.of(ElementType.INT64, List.of(extent), offsets));
        Operands operands = new Operands(builder, tensor.shape, true);
        Expr offset = operands.use(along(builder, table, tensor.rank() - axis));
        List<Integer> strides = new ArrayList<>(view.strides());
        strides.set(axis, 0);
        int input = operands.index(new View(view.value(), view.offset(), strides));
        return builder.defer(
                parameters.type,
                tensor.shape,
                parameters.rowAxis,
                new Deferred(
                        operands.origin(),
                        operands.root(),
                        operands.inputs(),
                        new Expr.LoadAt(input, offset, parameters.kind())));
    }
}
