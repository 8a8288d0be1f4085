package dev.millrace.gpu.interpreter;

import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.model.Step;
import java.util.List;

/** Runs {@link Step.Elementwise}. */
final class ElementwiseRunner implements StepRunner {
    private final Block block;
    private final Program body;
    private final Output output;

    ElementwiseRunner(Step.Elementwise step, Memory[] inputs, Memory target) {
        block = new Block(step.space(), step.inputs(), inputs);
        body = new Program(step.body(), inputs, Block.POINTS);
        output = new Output(step.space(), step.output(), target);
    }

    @Override
    public int run(int rows) {
        long points = (long) rows * block.pointsPerRow();
        for (long start = 0; start < points; start += Block.POINTS) {
            block.moveTo(start, (int) Math.min(Block.POINTS, points - start));
            output.store(body.evaluate(block), start, block.count);
        }
        return block.takeFault();
    }

    /** Where the results of a step go. */
    static final class Output {
        private final Walk walk;
        private final Memory target;
        private final boolean contiguousFloats;
        private final int[] positions = new int[Block.POINTS];

        Output(List<Integer> space, dev.millrace.gpu.model.Access access, Memory target) {
            this.walk = new Walk(space, access, target.rowStride);
            this.target = target;
            this.contiguousFloats = target.type == ElementType.FLOAT32 && walk.isContiguous();
        }

        void store(Lane results, long start, int count) {
            if (contiguousFloats) {
                System.arraycopy(results.floats, 0, target.floats, walk.position(start), count);
                return;
            }
            walk.fill(start, count, positions);
            for (int i = 0; i < count; i++) {
                switch (target.kind) {
                    case F32 -> target.store(positions[i], results.floats[i]);
                    case F64 -> target.doubles[positions[i]] = results.doubles[i];
                    case I64 -> target.store(positions[i], results.longs[i]);
                }
            }
        }
    }
}
