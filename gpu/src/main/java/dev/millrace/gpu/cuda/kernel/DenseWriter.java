package dev.millrace.gpu.cuda.kernel;

import dev.millrace.gpu.model.Access;
import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.Step;
import java.util.List;

/**
 * Writes a dense layer for a tile of rows. Rows and outputs are spread over threads and registers;
 * along the inputs every sum is one chain of fused multiply-adds, ascending.
 */
final class DenseWriter {
    private final CodeText code;
    private final StepWriter steps;
    private final WorkLoop.Tile tile;
    private final DenseShape shape;
    private final DenseBlocking blocking;

    DenseWriter(
            CodeText code,
            StepWriter steps,
            WorkLoop.Tile tile,
            DenseShape shape,
            DenseBlocking blocking) {
        this.code = code;
        this.steps = steps;
        this.tile = tile;
        this.shape = shape;
        this.blocking = blocking;
    }

    /** Floats from one input of all rows to the next, where inputs are copied for the layer. */
    static int columnStride(int tileRows) {
        return tileRows + (tileRows >= TileKernel.ROW_PADDING ? TileKernel.ROW_PADDING : 0);
    }

    /**
     * @param leftIsOutside whether the inputs come from outside of the kernel
     */
    static int workBytes(DenseBlocking blocking, int tileRows, boolean leftIsOutside) {
        int columns = leftIsOutside ? Float.BYTES * blocking.chunk() * columnStride(tileRows) : 0;
        return blocking.weightBytes() + columns;
    }

    /**
     * @param workOffset where in shared memory the layer may work
     */
    void write(Step.Contraction step, int workOffset) {
        Access left = step.inputs().get(0);
        Location leftLocation = steps.location(left);
        boolean outside = !(leftLocation instanceof Location.Shared);
        code.line("float* const weights = (float*)(shared + %d);", workOffset);
        if (outside) {
            code.line(
                    "float* const columns = (float*)(shared + %d);",
                    workOffset + blocking.weightBytes());
        }
        code.line(
                "float acc[%d][%d][%d];",
                blocking.items(), blocking.rowBlock(), blocking.outputBlock());
        start(step);
        code.line("#pragma unroll 1");
        code.open("for (int k0 = 0; k0 < %d; k0 += %d)", shape.length(), blocking.chunk());
        code.line(
                "const int kn = %d - k0 < %d ? %d - k0 : %d;",
                shape.length(), blocking.chunk(), shape.length(), blocking.chunk());
        code.line("__syncthreads();");
        stageWeights(step);
        if (outside) {
            stageColumns(left);
        }
        code.line("__syncthreads();");
        multiply(outside, leftLocation);
        code.close();
        finish(step);
    }

    /** Opens a loop over this thread's items; all its indices are known once it is unrolled. */
    private void openItems() {
        code.line("#pragma unroll");
        code.open("for (int item = 0; item < %d; item++)", blocking.items());
        code.line("const int place = (int)threadIdx.x + item * %d;", tile.threads());
        code.line(
                "const int first_row = place %% %d * %d, first_output = place / %d * %d;",
                blocking.rowGroups(),
                blocking.rowBlock(),
                blocking.rowGroups(),
                blocking.outputBlock());
        code.line("if (place >= %d) continue;", blocking.rowGroups() * blocking.outputGroups());
    }

    private void openUnrolled(String name, int count) {
        code.line("#pragma unroll");
        code.open("for (int %s = 0; %s < %d; %s++)", name, name, count, name);
    }

    /** The initial value is the same for all rows. */
    private void start(Step.Contraction step) {
        openItems();
        openUnrolled("o", blocking.outputBlock());
        code.line(
                "const int p = first_output + o < %d ? first_output + o : %d;",
                shape.outputs(), shape.outputs() - 1);
        Point point = Point.of(step.space(), "p");
        String initial = steps.expressions(step.inputs(), point, null).write(step.initial());
        openUnrolled("r", blocking.rowBlock());
        code.line("acc[item][r][o] = %s;", initial);
        code.close();
        code.close();
        code.close();
    }

    /** Neighbouring threads take neighbouring weights, whichever way the matrix lies. */
    private void stageWeights(Step.Contraction step) {
        Access right = step.inputs().get(1);
        if (fourAtOnce()) {
            stageFourWeights(right);
            return;
        }
        openStaging("kn * " + shape.outputs());
        if (shape.rightOutputStride() == 1 || shape.rightStride() != 1) {
            code.line("const int n = i %% %d, k = i / %d;", shape.outputs(), shape.outputs());
        } else {
            code.line("const int k = i % kn, n = i / kn;");
        }
        code.line(
                "weights[k * %d + n] = %s;",
                blocking.weightStride(), steps.loadElement(right, weight()));
        code.close();
    }

    private boolean fourAtOnce() {
        return shape.rightOutputStride() == 1
                && shape.outputs() % 4 == 0
                && shape.rightOffset() % 4 == 0
                && shape.rightStride() % 4 == 0;
    }

    private void stageFourWeights(Access right) {
        int groups = shape.outputs() / 4;
        openStaging("kn * " + groups);
        code.line("const int n = i %% %d * 4, k = i / %d;", groups, groups);
        code.line(
                "*(float4*)(weights + k * %d + n) = *(const float4*)((const float*)%s + (%s));",
                blocking.weightStride(), steps.location(right).base(), weight());
        code.close();
    }

    private String weight() {
        return "%d + n * %d + (k0 + k) * %d"
                .formatted(shape.rightOffset(), shape.rightOutputStride(), shape.rightStride());
    }

    /** Left to itself the compiler unrolls so far that registers spill. */
    private void openStaging(String count) {
        code.line("#pragma unroll 2");
        code.open("for (int i = threadIdx.x; i < %s; i += %d)", count, tile.threads());
    }

    /** Turns rows of the chunk's inputs into columns. */
    private void stageColumns(Access left) {
        code.open(
                "for (int i = threadIdx.x; i < kn * %d; i += %d)", tile.tileRows(), tile.threads());
        code.line("const int k = i % kn, lane_row = i / kn;");
        code.line("if (lane_row >= live_rows) continue;");
        code.line("const int row = first_tile_row + lane_row;");
        String element = "%d + (k0 + k) * %d".formatted(shape.leftOffset(), shape.leftStride());
        code.line(
                "columns[k * %d + lane_row] = %s;",
                columnStride(tile.tileRows()), steps.loadElement(left, element));
        code.close();
    }

    private void multiply(boolean outside, Location left) {
        String column;
        if (outside) {
            column = "columns + k * " + columnStride(tile.tileRows());
        } else {
            column =
                    "(const float*)%s + (%d + (k0 + k) * %d) * %d"
                            .formatted(
                                    left.base(),
                                    shape.leftOffset(),
                                    shape.leftStride(),
                                    left.elementStride());
        }
        openItems();
        code.line("#pragma unroll 4");
        code.open("for (int k = 0; k < kn; k++)");
        code.line("float x[%d], w[%d];", blocking.rowBlock(), blocking.outputBlock());
        code.line("mr_take(%s + first_row, x);", column);
        code.line("mr_take(weights + k * %d + first_output, w);", blocking.weightStride());
        openUnrolled("r", blocking.rowBlock());
        openUnrolled("o", blocking.outputBlock());
        code.line("acc[item][r][o] = MR_FMA(x[r], w[o], acc[item][r][o]);");
        code.close();
        code.close();
        code.close();
        code.close();
    }

    private void finish(Step.Contraction step) {
        openItems();
        openUnrolled("r", blocking.rowBlock());
        code.line("const int lane_row = first_row + r, row = first_tile_row + lane_row;");
        code.line("if (lane_row >= live_rows) continue;");
        openUnrolled("o", blocking.outputBlock());
        code.line("const int p = first_output + o;");
        code.line("if (p >= %d) continue;", shape.outputs());
        Point point = Point.of(step.space(), "p");
        List<Access> inputs = step.inputs();
        Expr finish = step.finish();
        String value = steps.expressions(inputs, point, "acc[item][r][o]").write(finish);
        steps.store(step.output(), point, value);
        code.close();
        code.close();
        code.close();
    }
}
