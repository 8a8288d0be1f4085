package dev.millrace.gpu.lowering;

import java.util.Arrays;

/** Reshape: finds out where the rows go. */
final class ReshapeOp {
    private final Val value;
    private final Val target;
    private final long[] sizes;
    private final boolean zeroIsZero;

    private ReshapeOp(Val value, Val target, long[] sizes, boolean zeroIsZero) {
        this.value = value;
        this.target = target;
        this.sizes = sizes;
        this.zeroIsZero = zeroIsZero;
    }

    static void lower(NodeContext node) {
        boolean zeroIsZero = node.flag("allowzero", false);
        Val value = node.ordered(0);
        Val target =
                node.hasAttribute("shape")
                        ? node.builder().constant(node.integers("shape").orElseThrow())
                        : node.counted(1);
        long[] sizes =
                node.builder().requiredLongs(target.withRowCounts(new boolean[0]), "the shape");
        ReshapeOp reshape = new ReshapeOp(value, target, sizes, zeroIsZero);
        int[] shape = reshape.shape();
        node.output(Views.reshapeAnyOrder(node.builder(), value, shape, reshape.rowAxis(shape)));
    }

    private int[] shape() {
        int[] shape = new int[sizes.length];
        int inferred = -1;
        long known = 1;
        for (int i = 0; i < shape.length; i++) {
            if (sizes[i] == -1) {
                Refusal.unless(inferred < 0, "shape %s has two -1", Arrays.toString(sizes));
                inferred = i;
                continue;
            }
            shape[i] = isCopied(i) ? copied(i) : Shapes.extent(sizes[i]);
            known = Math.multiplyExact(known, shape[i]);
        }
        if (inferred >= 0) {
            int elements = value.elements();
            Refusal.unless(
                    known > 0 && elements % known == 0,
                    "%s cannot take the shape %s",
                    value,
                    Arrays.toString(sizes));
            shape[inferred] = (int) (elements / known);
        }
        return shape;
    }

    private boolean isCopied(int i) {
        return sizes[i] == 0 && !zeroIsZero;
    }

    private int copied(int i) {
        Refusal.unless(
                i < value.rank(), "shape %s copies a missing extent", Arrays.toString(sizes));
        return value.shape[i];
    }

    /** The dimension whose size says that it grows with the rows; else the one left open. */
    private int rowAxis(int[] shape) {
        if (!value.hasRows()) {
            Refusal.unless(target.rowCounts.length == 0, "a constant takes a shape of records");
            return Rows.NONE;
        }
        int growing = Rows.NONE;
        int open = Rows.NONE;
        for (int i = 0; i < shape.length; i++) {
            if (sizes[i] == -1) {
                open = i;
            } else if (RowCounts.counts(target, i) || (isCopied(i) && i == value.rowAxis)) {
                Rows.mixes(growing != Rows.NONE);
                growing = i;
            }
        }
        int rowAxis = growing != Rows.NONE ? growing : open;
        Refusal.unless(
                rowAxis != Rows.NONE,
                "shape %s holds for one number of records only; export the model with a free first dimension",
                Arrays.toString(sizes));
        return rowAxis;
    }
}
