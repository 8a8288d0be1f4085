package dev.millrace.gpu.interpreter;

import dev.millrace.gpu.model.Access;
import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.ScalarKind;
import java.util.List;

/** Collects accumulated values point by point, applies {@code finish} to blocks and stores them. */
final class Finisher {
    private final Block block;
    private final Program finish;
    private final ElementwiseRunner.Output output;
    private final Lane collected;
    private long start;
    private int filled;

    /**
     * @param kind of the accumulated values, which {@code finish} need not use
     */
    Finisher(
            ScalarKind kind,
            List<Integer> space,
            List<Access> inputs,
            Memory[] memories,
            Expr finish,
            Access output,
            Memory target) {
        this.block = new Block(space, inputs, memories);
        this.finish = new Program(finish, memories, Block.POINTS);
        this.output = new ElementwiseRunner.Output(space, output, target);
        this.collected = new Lane(kind, Block.POINTS);
        block.accumulated = collected;
    }

    int pointsPerRow() {
        return block.pointsPerRow();
    }

    void begin() {
        start = 0;
        filled = 0;
    }

    /** Takes the accumulated value of the next point, element 0 of the lane. */
    void accept(Lane value) {
        switch (collected.kind) {
            case F32 -> collected.floats[filled] = value.floats[0];
            case F64 -> collected.doubles[filled] = value.doubles[0];
            case I64 -> collected.longs[filled] = value.longs[0];
        }
        if (++filled == Block.POINTS) {
            flush();
        }
    }

    /** Takes accumulated values of the next {@code count} points. */
    void accept(Lane values, int count) {
        int taken = 0;
        while (taken < count) {
            int part = Math.min(count - taken, Block.POINTS - filled);
            switch (collected.kind) {
                case F32 -> System.arraycopy(values.floats, taken, collected.floats, filled, part);
                case F64 ->
                        System.arraycopy(values.doubles, taken, collected.doubles, filled, part);
                case I64 -> System.arraycopy(values.longs, taken, collected.longs, filled, part);
            }
            filled += part;
            taken += part;
            if (filled == Block.POINTS) {
                flush();
            }
        }
    }

    /** Finishes what is left. Returns the first row at fault, or Integer.MAX_VALUE. */
    int end() {
        flush();
        return block.takeFault();
    }

    private void flush() {
        if (filled == 0) {
            return;
        }
        block.moveTo(start, filled);
        output.store(finish.evaluate(block), start, filled);
        start += filled;
        filled = 0;
    }
}
