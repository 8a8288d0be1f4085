package dev.millrace.gpu.lowering;

import java.util.Arrays;
import java.util.List;

/** Follows the row dimension through operators and refuses what would mix rows. */
final class Rows {
    static final int NONE = -1;

    private Rows() {}

    /** The row dimension of an elementwise result. */
    static int broadcast(int[] shape, List<Val> operands) {
        int axis = NONE;
        int extent = 0;
        for (Val operand : operands) {
            if (!operand.hasRows()) {
                continue;
            }
            int aligned = operand.rowAxis + shape.length - operand.rank();
            int size = operand.shape[operand.rowAxis];
            mixes(axis != NONE && (axis != aligned || extent != size));
            axis = aligned;
            extent = size;
        }
        if (axis != NONE) {
            for (Val operand : operands) {
                int own = axis - (shape.length - operand.rank());
                mixes(!operand.hasRows() && own >= 0 && operand.shape[own] != 1);
            }
        }
        return axis;
    }

    /** Refuses if the row dimension is among those an operator works along. */
    static void spared(Val value, int... axes) {
        mixes(value.hasRows() && Shapes.contains(axes, value.rowAxis));
    }

    /** Refuses if an operand that must be the same for all records differs between them. */
    static void absent(Val value, String what) {
        Refusal.unless(!value.hasRows(), "%s differs between records", what);
    }

    static void mixes(boolean mixing) {
        if (mixing) {
            throw new Refusal("it mixes records: it works along the dimension of the rows");
        }
    }

    /** The dimension of the rows after some dimensions went away. */
    static int without(int rowAxis, int[] removed) {
        if (rowAxis == NONE) {
            return NONE;
        }
        return rowAxis - (int) Arrays.stream(removed).filter(axis -> axis < rowAxis).count();
    }
}
